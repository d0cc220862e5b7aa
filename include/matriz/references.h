/*
 * references: the three reference prices of a quote line of the browser terminal (protocol sections
 * 12.4 and 12.8).
 *
 * They are close, settlement and previous close in an order that is contested, and each has the
 * date of a session. So they are read by date:
 *   CL  the reference with the newest date before today (ART), with that date. Of several with this
 *       date, C is taken before A, and A before B, because B is the one that is most often the
 *       settlement.
 *   SE  B, with its date, of Matba Rofex only: all known readings of B there are the settlement or
 *       the previous settlement. BYMA has none: SE repeats the last price there (7.1).
 * One that is dated today is the close of the present session. It is not recorded, because CL is
 * the previous close: the next day it is the newest one before today. A reference is not used if
 * it has no price, no readable date, or a date after today.
 */
#ifndef MATRIZ_REFERENCES_H
#define MATRIZ_REFERENCES_H

#include "market/quote.h"

#include <stdbool.h>
#include <stdint.h>

struct matriz_reference {
    double price; /* NAN: none */
    int32_t day;  /* DAY_NONE: none */
};

#define MATRIZ_REFERENCES 3 /* A, B, C */

/* Sets CL and SE; returns the entries that were set. */
uint32_t matriz_references_apply(const struct matriz_reference reference[MATRIZ_REFERENCES],
                                 int32_t today, bool rofex, struct quote *quote);

#endif

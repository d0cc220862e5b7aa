/*
 * virtual_exchange: the instruments, their true prices, and what of them was recorded.
 *
 * Knows since when a change waits to be recorded: the longest such time is the lag; a longer one
 * than a poll may take is an interval in which the instrument must not count as covered
 * (virtual_spans).
 */
#ifndef SCENARIO_VIRTUAL_EXCHANGE_H
#define SCENARIO_VIRTUAL_EXCHANGE_H

#include "market/quote.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXCHANGE_MAX 256

void exchange_begin(int count, uint64_t seed);
/* A change that is recorded later than this was not observed all the time; else 5 s. */
void exchange_set_late(int64_t ms);
int exchange_count(void);
const char *exchange_symbol(int i);    /* "SIM/03" */
int exchange_find(const char *symbol); /* also "SIM%2F03", and with text after it; -1 = none */

void exchange_change(void); /* the price of one instrument, chosen at random */
void exchange_set_price(int i, double price);
void exchange_set_text(int i, const char *text); /* sent instead of the price; NULL = no longer */

/* The instrument's market data as JSON, as the broker sends it by REST and by the stream. */
int exchange_put(char *out, size_t size, int i);

void exchange_record(int i, double price, enum source source);
double exchange_price(int i);
int64_t exchange_traded_ns(int i); /* of the last change, by the broker's clock */
double exchange_recorded(int i);
enum source exchange_source(int i); /* of the last record; 0 = none */
int64_t exchange_twice(void);       /* records without a change of the price */

int64_t exchange_lag_ms(void); /* the longest from a change to its record, since the last mark */
void exchange_mark(void);

#endif

/*
 * universe: the instruments of a simulated broker and their properties.
 *
 * Pure: the same day and count give the same list. The first instruments are well-known (near
 * dollar futures, AL30, GD30, GGAL, a repo, an index), followed by further months, bonds, bills,
 * shares, CEDEARs and options, more than 10,000 in all.
 */
#ifndef SIM_UNIVERSE_H
#define SIM_UNIVERSE_H

#include "serve/source.h"

#include <stdbool.h>

enum sim_kind { SIM_FUTURE, SIM_OPTION, SIM_BOND, SIM_SHARE, SIM_REPO, SIM_INDEX };

/* How full its book is. About a third of a real broker's instruments has no data at all. */
enum sim_life { LIFE_EMPTY, LIFE_ONE_SIDED, LIFE_THIN, LIFE_FULL };

struct sim_instrument {
    struct instrument reference; /* its texts point to the fields below */
    char symbol[64], maturity[12];
    enum sim_kind kind;
    enum sim_life life;
    enum encode_empty empty;
    double start_price;
    double typical_size;
};

#define UNIVERSE_MAX 12000

/*
 * Fills `out` with `count` (1..UNIVERSE_MAX) instruments as they would be listed on the ART day of
 * `now_ns`; `out` must not move afterwards. Returns the number filled.
 */
int universe_make(struct sim_instrument *out, int count, int64_t now_ns);

#endif

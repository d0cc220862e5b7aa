/*
 * play: runs a script: starts the service over the virtual broker, store and clock, and executes
 * the lines while it runs.
 *
 * The service is the real one, from service_run() on: its loop_run() executes the lines after
 * `start` until the service is stopped. The commands are in play_setup, play_broker, play_clients
 * and play_expect.
 */
#ifndef SCENARIO_PLAY_H
#define SCENARIO_PLAY_H

#include "base/rng.h"
#include "command.h"
#include "service/service.h"

#define PLAY_SECTIONS 16
#define PLAY_MOMENTS  16
#define PLAY_BLOCKS   8

struct play {
    const struct script *script;
    char folder[64]; /* state_dir and the configuration file */

    size_t at; /* the next line */
    struct play_block {
        size_t begin; /* its first line */
        int64_t left; /* times to repeat it; 1 = this is the last time */
    } blocks[PLAY_BLOCKS];
    int depth;
    struct rng rng; /* chooses between the parts of `either` */

    char *sections[PLAY_SECTIONS]; /* of the configuration */
    struct loop *loop;             /* NULL: the service does not run */
    bool start;                    /* it is to be started now */
    bool started, settled;
    int64_t from_ns, until_ns; /* of the service, by our wall clock */
    enum service_end end;
    struct err err; /* why it ended */

    struct moment {
        const char *name;
        int64_t wall_ns;
    } moments[PLAY_MOMENTS];
    int moments_count;
};

extern const struct command play_setup_commands[], play_broker_commands[], play_clients_commands[],
    play_expect_commands[];
extern const struct command *const play_commands[];

/* Runs the script once, for one case; `folder` exists and is empty. The process ends if it fails.
 */
void play_run(const struct script *script, const char *folder);

/* For the commands. */
void play_need_service(const struct play *play); /* the run fails when it does not run */
void play_configure(struct play *play, const char *section); /* replaces one of the same name */
void play_write_config(const struct play *play);
void play_stop(struct play *play);
/* The market rests for five minutes; then the last prices are recorded, and nothing was recorded
 * twice. `except`: the first of the line's words that are symbols to be left out. */
void play_settle(struct play *play, const struct script_line *line, int except);

#endif

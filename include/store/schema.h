/*
 * schema: checks the version of a database and upgrades older ones.
 *
 * schema/NNN_name.sql is embedded at build; step N takes user_version from N-1 to N in one
 * transaction. application_id identifies a cinta database.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "base/err.h"

#define SCHEMA_APPLICATION_ID 0x43494e54 /* "CINT" */

/* Returns the highest seq ever assigned in the database; 0 when it is empty. */
#define SCHEMA_LAST_SEQ                                                                            \
    "SELECT max((SELECT last_seq FROM ledger),"                                                    \
    "           coalesce((SELECT max(seq) FROM snapshot_recent), 0),"                              \
    "           coalesce((SELECT max(seq) FROM quote), 0))"

struct schema_step {
    int version;      /* 1, 2, ...; 0 ends the list */
    const char *name; /* "001_initial" */
    const char *sql;
};

extern const struct schema_step schema_steps[];

int schema_newest(void);

struct sqlite3;
/*
 * Upgrades `db` to the newest version. -EMEDIUMTYPE: not a cinta database; -EPROTO: written by a
 * newer cinta; -EIO with SQLite's message. A step that fails is rolled back.
 */
int schema_apply(struct sqlite3 *db, struct err *err);

/* Checks application_id and reads the version (0 = empty), changes nothing; errors as above. */
int schema_check(struct sqlite3 *db, int *version, struct err *err);

#endif

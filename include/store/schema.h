/*
 * schema: the database's shape, and the way from an older one to it.
 *
 * schema/NNN_name.sql is embedded at build; step N takes user_version from N-1 to N in one
 * transaction. application_id says that a file is ours.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include "base/err.h"

#define SCHEMA_APPLICATION_ID 0x43494e54 /* "CINT" */

struct schema_step {
    int version;      /* 1, 2, ...; 0 ends the list */
    const char *name; /* "001_initial" */
    const char *sql;
};

extern const struct schema_step schema_steps[];

int schema_newest(void);

struct sqlite3;
/*
 * Brings `db` up to date. -EMEDIUMTYPE: not a cinta database; -EPROTO: written by a newer cinta;
 * -EIO: SQLite's words. A step that fails leaves the database as it was before it.
 */
int schema_apply(struct sqlite3 *db, struct err *err);

/* Whose it is and of which version (0 = empty), without changing it; errors as above. */
int schema_check(struct sqlite3 *db, int *version, struct err *err);

#endif

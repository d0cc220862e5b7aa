#include "store/read/verify.h"

#include "store/packed.h"
#include "store/read/reader.h"
#include "store/schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DETAIL_BYTES 512

/* Of a row `r` of snapshot_recent: the same row of snapshot_history, while it is being moved. */
#define COPY                                                                                       \
    "snapshot_history h WHERE h.instrument_id = r.instrument_id AND h.ts_recv = r.ts_recv"         \
    " AND h.seq = r.seq"
#define BEING_MOVED "(SELECT count(*) FROM snapshot_recent r WHERE EXISTS (SELECT 1 FROM " COPY "))"

/* Each query returns the number of errors; `wrong` is the message for it. */
static const struct check {
    const char *what, *sql, *wrong;
} checks[] = {
    {"foreign keys", "SELECT count(*) FROM pragma_foreign_key_check",
     "%s rows refer to a row that does not exist"},
    {"instruments of changes",
     "SELECT count(*) FROM (SELECT DISTINCT instrument_id FROM snapshot_history UNION"
     "  SELECT DISTINCT instrument_id FROM snapshot_recent UNION"
     "  SELECT DISTINCT instrument_id FROM trade)"
     " WHERE instrument_id NOT IN (SELECT id FROM instrument)",
     "%s of them do not exist"},
    {"changes kept",
     "SELECT abs(written - trimmed - (SELECT count(*) FROM snapshot_recent)"
     "           - (SELECT count(*) FROM snapshot_history) + " BEING_MOVED ") FROM ledger",
     "%s more or fewer than were written"},
    {"no change twice",
     "SELECT count(*) - count(DISTINCT seq) - " BEING_MOVED " FROM (SELECT seq FROM "
     "snapshot_history UNION ALL SELECT seq FROM snapshot_recent)",
     "%s are stored twice"},
    {"changes being moved",
     "SELECT count(*) FROM snapshot_recent r WHERE EXISTS (SELECT 1 FROM " COPY ")"
     " AND (" PACKED_COLUMNS ") IS NOT (SELECT " PACKED_COLUMNS " FROM " COPY ")",
     "%s differ from their copy in snapshot_history"},
    {"no seq missing", "SELECT max(last_seq - written - dropped - elsewhere, 0) FROM ledger",
     "%s were assigned and are not accounted for"},
    {"present state",
     "SELECT count(*) FROM quote q, ledger l WHERE q.seq > l.last_seq OR l.dropped = 0"
     " AND q.ts_recv >= l.ts_trimmed AND NOT EXISTS (SELECT 1 FROM snapshot_recent r WHERE r.seq = "
     "q.seq AND "
     "r.instrument_id = q.instrument_id)"
     " AND NOT EXISTS (SELECT 1 FROM snapshot_history h WHERE h.instrument_id = q.instrument_id"
     "                    AND h.ts_recv = q.ts_recv AND h.seq = q.seq)",
     "%s quotes do not match a stored change"},
    {"trades in bars",
     "SELECT abs((SELECT coalesce(sum(trades), 0) FROM bar_1m) - (SELECT count(*) FROM trade))",
     "%s more or fewer than in the table trade"},
};

static int take_text(void *arg, int columns, const struct reader_value *values)
{
    char *out = arg;
    (void)columns;
    size_t used = strlen(out);
    snprintf(out + used, DETAIL_BYTES - used, "%s%s", used ? "; " : "", values[0].text);
    return 0;
}

/* Where the findings go. */
struct report {
    struct reader *reader;
    verify_fn *fn;
    void *arg;
    int bad; /* failed checks */
};

static int ask(const struct report *r, const char *sql, char answer[DETAIL_BYTES], struct err *err)
{
    *answer = '\0';
    return reader_select(r->reader, READER_QUERY(sql), take_text, answer, err);
}

static void find(struct report *r, const char *what, bool good, const char *detail)
{
    r->bad += !good;
    r->fn(r->arg, what, good, good ? "" : detail);
}

/* What a check cannot read of a damaged file is a finding too. Other errors end the run. */
static int find_unread(struct report *r, const char *what, int rc, const struct err *err)
{
    if (rc != -EBADMSG)
        return rc;
    find(r, what, false, err->text);
    return 0;
}

static int check_file(struct report *r, struct err *err)
{
    char answer[DETAIL_BYTES];
    int rc = ask(r, "PRAGMA integrity_check(5)", answer, err);
    if (rc)
        return find_unread(r, "file", rc, err);
    find(r, "file", strcmp(answer, "ok") == 0, answer);
    return 0;
}

static int run_check(struct report *r, const struct check *check, struct err *err)
{
    char answer[DETAIL_BYTES], words[DETAIL_BYTES + 128] = "";
    int rc = ask(r, check->sql, answer, err);
    if (rc)
        return find_unread(r, check->what, rc, err);
    const char *rest = strstr(check->wrong, "%s");
    snprintf(words, sizeof(words), "%.*s%s%s", (int)(rest - check->wrong), check->wrong, answer,
             rest + 2);
    find(r, check->what, strcmp(answer, "0") == 0, words);
    return 0;
}

/* Not a check: reports the totals of the ledger, with the dropped changes. */
static int tell_totals(const struct report *r, struct err *err)
{
    char answer[DETAIL_BYTES];
    int rc = ask(r,
                 "SELECT printf('%,d written, %,d dropped when the backlog was full, %,d trimmed',"
                 " written, dropped, trimmed) ||"
                 " iif(elsewhere, printf(', %,d in other files', elsewhere), '') FROM ledger",
                 answer, err);
    if (rc == 0)
        r->fn(r->arg, "ledger", true, answer);
    return rc == -EBADMSG ? 0 : rc; /* the checks of the ledger have found it */
}

static int check_version(const struct report *r, struct err *err)
{
    char answer[DETAIL_BYTES];
    int rc = ask(r, "PRAGMA user_version", answer, err);
    if (rc == 0 && atoi(answer) < schema_newest())
        return err_set(err, -EPROTO,
                       "it has schema version %s, this program needs %d: start `cinta run` on it "
                       "first",
                       answer, schema_newest());
    return rc;
}

int verify_database(const char *path, verify_fn *fn, void *arg, int *bad, struct err *err)
{
    struct report r = {.fn = fn, .arg = arg};
    char none[DETAIL_BYTES];
    *bad = 0;
    int rc = reader_open(&r.reader, path, err);
    if (rc)
        return rc;
    rc = ask(&r, "BEGIN", none, err); /* all checks read the same state */
    if (rc == 0)
        rc = check_version(&r, err);
    if (rc == 0)
        rc = check_file(&r, err);
    for (size_t i = 0; rc == 0 && i < sizeof(checks) / sizeof(checks[0]); i++)
        rc = run_check(&r, &checks[i], err);
    if (rc == 0)
        rc = tell_totals(&r, err);
    *bad = r.bad;
    reader_close(r.reader);
    return rc;
}

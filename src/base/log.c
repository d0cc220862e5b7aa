#include "base/log.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/json_write.h"
#include "base/mask.h"
#include "base/num.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_BYTES   2048
#define REPEATS_NS   (60 * NS_PER_S) /* a line that keeps repeating is written at this interval */
#define RING_LINES   256
#define RING_BYTES   320
#define SECRETS      16
#define SECRET_BYTES 1100

struct log {
    pthread_mutex_t lock;
    enum log_level threshold;
    int journal;
    struct buf line; /* being built: level and what follows, without the time */
    char last[LINE_BYTES];
    enum log_level last_level;
    int64_t last_ns, written_ns;   /* of the last repetition; of the last line written */
    long repeats;                  /* of `last`, not yet written */
    char (*secrets)[SECRET_BYTES]; /* SECRETS of them; NULL: none yet */
    int secrets_next;
    char ring[RING_LINES][RING_BYTES];
    unsigned long ring_count;
};

static struct log log_state = {
    .lock = PTHREAD_MUTEX_INITIALIZER,
    .threshold = LOG_LEVEL_INFO,
    .line = {.max_bytes = LINE_BYTES - 1},
};

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static const int journal_priorities[] = {3, 4, 6, 7};

void log_init(enum log_level threshold)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long device, inode;
    struct stat st;

    pthread_mutex_lock(&log_state.lock);
    log_state.threshold = threshold;
    log_state.journal = stream && sscanf(stream, "%lu:%lu", &device, &inode) == 2 &&
                        fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
    pthread_mutex_unlock(&log_state.lock);
}

static int plain(const char *text)
{
    for (const char *c = text; *c; c++) {
        if (*c <= ' ' || *c == '"' || *c == '=' || *c == '\\' || *c == 0x7f || (*c & 0x80))
            return 0;
    }
    return *text != '\0';
}

/* Masks each value by itself: in the whole line, a field named token would count as a credential.
 */
static void put_text(struct buf *line, const char *text)
{
    char masked[LINE_BYTES];
    snprintf(masked, sizeof(masked), "%s", text);
    mask_credentials(masked);
    if (plain(masked))
        buf_puts(line, masked);
    else
        json_put_string(line, masked);
}

static void put_value(struct buf *line, const struct log_field *field)
{
    char number[NUM_TEXT];
    if (field->text)
        put_text(line, field->text);
    else
        buf_puts(line, num_text(number, field->number));
}

static void mask_secrets(char *text)
{
    for (int i = 0; log_state.secrets && i < SECRETS; i++)
        mask_secret(text, log_state.secrets[i]);
}

/* The level is part of the line, so the same message at another level is no repetition. */
static void build_line(enum log_level level, const char *msg, const struct log_field *fields)
{
    struct buf *line = &log_state.line;
    buf_clear(line);
    buf_printf(line, "level=%s msg=", level_names[level]);
    json_put_string(line, msg);
    for (const struct log_field *f = fields; f && f->key; f++) {
        buf_printf(line, " %s=", f->key);
        put_value(line, f);
    }
    mask_secrets(line->data);
}

static void emit(enum log_level level, int64_t ts_ns, const char *text, long times)
{
    char out[LINE_BYTES + 96], ts[CLOCK_TEXT], suffix[32] = "";
    int len;

    if (level > log_state.threshold)
        return;
    if (times)
        snprintf(suffix, sizeof(suffix), " times=%ld", times);
    if (log_state.journal)
        len = snprintf(out, sizeof(out), "<%d>%s%s\n", journal_priorities[level], text, suffix);
    else
        len = snprintf(out, sizeof(out), "ts=%s %s%s\n", clock_text(ts, ts_ns), text, suffix);
    if (write(STDERR_FILENO, out, (size_t)len) < 0)
        return; /* cannot be reported anywhere; the line is still in the ring */
}

static void keep(int64_t ts_ns, const char *text)
{
    char ts[CLOCK_TEXT];
    char *slot = log_state.ring[log_state.ring_count++ % RING_LINES];
    snprintf(slot, RING_BYTES, "%s %s", clock_text(ts, ts_ns), text);
}

static void flush_repeats(int64_t now_ns)
{
    if (log_state.repeats)
        emit(log_state.last_level, log_state.last_ns, log_state.last, log_state.repeats);
    log_state.repeats = 0;
    log_state.written_ns = now_ns;
}

void log_line(enum log_level level, const char *msg, const struct log_field *fields)
{
    int64_t now_ns = clock_now().wall_ns;

    pthread_mutex_lock(&log_state.lock);
    build_line(level, msg, fields);
    const char *text = buf_text(&log_state.line);
    if (strcmp(text, log_state.last) == 0) {
        log_state.repeats++;
        log_state.last_ns = now_ns;
        if (now_ns - log_state.written_ns >= REPEATS_NS)
            flush_repeats(now_ns);
    } else {
        flush_repeats(now_ns);
        keep(now_ns, text);
        emit(level, now_ns, text, 0);
        snprintf(log_state.last, sizeof(log_state.last), "%s", text);
        log_state.last_level = level;
    }
    pthread_mutex_unlock(&log_state.lock);
}

void log_flush(void)
{
    pthread_mutex_lock(&log_state.lock);
    flush_repeats(clock_now().wall_ns);
    pthread_mutex_unlock(&log_state.lock);
}

void log_dump(void)
{
    pthread_mutex_lock(&log_state.lock);
    flush_repeats(clock_now().wall_ns);
    unsigned long count = log_state.ring_count;
    for (unsigned long i = count > RING_LINES ? count - RING_LINES : 0; i < count; i++)
        dprintf(STDERR_FILENO, "recent: %s\n", log_state.ring[i % RING_LINES]);
    pthread_mutex_unlock(&log_state.lock);
}

void log_mask(char *text)
{
    pthread_mutex_lock(&log_state.lock);
    mask_secrets(text);
    pthread_mutex_unlock(&log_state.lock);
    mask_credentials(text);
}

static char *find_secret(const char *secret)
{
    for (int i = 0; log_state.secrets && i < SECRETS; i++) {
        if (strcmp(log_state.secrets[i], secret) == 0)
            return log_state.secrets[i];
    }
    return NULL;
}

/* Never freed: the log exists as long as the process. */
static bool make_room(void)
{
    size_t bytes = SECRETS * sizeof(*log_state.secrets);
    if (log_state.secrets)
        return true;
    void *pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED)
        return false;
    madvise(pages, bytes, MADV_DONTDUMP);
    mlock(pages, bytes); /* may exceed RLIMIT_MEMLOCK; the pages can then be swapped */
    log_state.secrets = pages;
    return true;
}

void log_secret(const char *secret)
{
    if (strlen(secret) < MASK_BYTES_MIN)
        return;
    pthread_mutex_lock(&log_state.lock);
    if (make_room() && !find_secret(secret))
        snprintf(log_state.secrets[log_state.secrets_next++ % SECRETS], SECRET_BYTES, "%s", secret);
    pthread_mutex_unlock(&log_state.lock);
}

#include "sim/terminal_sessions.h"

#include "sim/base64.h"

#include <stdio.h>
#include <string.h>

#define CSRF_BYTES      24
#define ID_BYTES        47 /* 63 characters and '=' */
#define SIGNATURE_BYTES 32
#define TERM_BYTES      192

void terminal_sessions_init(struct terminal_sessions *sessions, int64_t lifetime_ms)
{
    *sessions = (struct terminal_sessions){.lifetime_ms = lifetime_ms};
}

/* --- what a session has ----------------------------------------------------------------------- */

/* The Erlang term of the cookie, a map of texts in the external term format. */
struct term {
    unsigned char bytes[TERM_BYTES];
    size_t len;
};

static void put_text(struct term *t, const char *text)
{
    size_t len = strlen(text);
    const unsigned char head[] = {109, 0, 0, 0, (unsigned char)len}; /* BINARY_EXT */
    memcpy(t->bytes + t->len, head, sizeof(head));
    memcpy(t->bytes + t->len + sizeof(head), text, len);
    t->len += sizeof(head) + len;
}

static void make_cookie(struct terminal_session *session)
{
    char middle[BASE64_TEXT(TERM_BYTES)], signature[BASE64_TEXT(SIGNATURE_BYTES)];
    bool logged_in = session->session_id[0];
    struct term t = {{131, 116, 0, 0, 0, logged_in ? 2 : 1}, 6}; /* MAP_EXT */
    put_text(&t, "_csrf_token");
    put_text(&t, session->csrf);
    if (logged_in) {
        put_text(&t, "session_id");
        put_text(&t, session->session_id);
    }
    base64_text(middle, BASE64_URL, t.bytes, t.len);
    base64_random(signature, BASE64_URL, SIGNATURE_BYTES);
    snprintf(session->cookie, sizeof(session->cookie), "SFMyNTY.%s.%s", middle, signature);
}

/* With each character that must be encoded in a URL: who forgets to is refused every time. */
static void make_id(char out[TERMINAL_SESSION_ID_BYTES])
{
    do
        base64_random(out, BASE64_PADDED, ID_BYTES);
    while (!strchr(out, '+') || !strchr(out, '/'));
}

/* --- finding ---------------------------------------------------------------------------------- */

static bool alive(const struct terminal_session *session, int64_t now_ms)
{
    return !session->session_id[0] || now_ms < session->ends_ms;
}

bool terminal_cookie_find(const char *cookies, const char *name, char *out, int out_bytes)
{
    size_t name_bytes = strlen(name);
    while (*cookies) {
        cookies += strspn(cookies, "; ");
        size_t len = strcspn(cookies, ";");
        if (len > name_bytes && cookies[name_bytes] == '=' &&
            strncmp(cookies, name, name_bytes) == 0) {
            snprintf(out, (size_t)out_bytes, "%.*s", (int)(len - name_bytes - 1),
                     cookies + name_bytes + 1);
            return true;
        }
        cookies += len;
    }
    return false;
}

struct terminal_session *terminal_sessions_of(struct terminal_sessions *sessions,
                                              const char *cookies, int64_t now_ms)
{
    char cookie[TERMINAL_COOKIE_BYTES + 1]; /* a longer one than any differs */
    if (!terminal_cookie_find(cookies, TERMINAL_COOKIE, cookie, sizeof(cookie)) || !*cookie)
        return NULL;
    for (int i = 0; i < sessions->count; i++) {
        struct terminal_session *session = &sessions->list[i];
        if (strcmp(session->cookie, cookie) == 0)
            return alive(session, now_ms) ? session : NULL;
    }
    return NULL;
}

struct terminal_session *terminal_sessions_with_id(struct terminal_sessions *sessions,
                                                   const char *session_id, int64_t now_ms)
{
    for (int i = 0; i < sessions->count && *session_id; i++) {
        struct terminal_session *session = &sessions->list[i];
        if (strcmp(session->session_id, session_id) == 0)
            return alive(session, now_ms) ? session : NULL;
    }
    return NULL;
}

/* --- the life of a session -------------------------------------------------------------------- */

static bool goes_before(const struct terminal_session *a, const struct terminal_session *b)
{
    bool a_in = a->session_id[0], b_in = b->session_id[0];
    return a_in == b_in ? a->serial < b->serial : !a_in;
}

static struct terminal_session *make_room(struct terminal_sessions *sessions)
{
    if (sessions->count < TERMINAL_SESSIONS_MAX)
        return &sessions->list[sessions->count++];
    struct terminal_session *oldest = &sessions->list[0];
    for (int i = 1; i < sessions->count; i++) {
        if (goes_before(&sessions->list[i], oldest))
            oldest = &sessions->list[i];
    }
    return oldest;
}

struct terminal_session *terminal_sessions_begin(struct terminal_sessions *sessions)
{
    struct terminal_session *session = make_room(sessions);
    *session = (struct terminal_session){.serial = sessions->begun++};
    base64_random(session->csrf, BASE64_URL, CSRF_BYTES);
    make_cookie(session);
    return session;
}

void terminal_sessions_log_in(const struct terminal_sessions *sessions,
                              struct terminal_session *session, int64_t now_ms)
{
    base64_random(session->csrf, BASE64_URL, CSRF_BYTES);
    make_id(session->session_id);
    make_id(session->connection_id);
    make_cookie(session);
    session->ends_ms = now_ms + sessions->lifetime_ms;
}

void terminal_sessions_end(struct terminal_sessions *sessions)
{
    for (int i = 0; i < sessions->count; i++) {
        if (sessions->list[i].session_id[0])
            sessions->list[i] = (struct terminal_session){0};
    }
}

#include "sim/account.h"

#include "support/headers.h"
#include "support/t.h"

#define TTL_MS 5000

/* The account uses the loop only for the time, which the tests set. */
struct loop {
    struct now now;
};

struct now loop_now(const struct loop *loop)
{
    return loop->now;
}

struct fixture {
    struct loop loop;
    struct account account;
    struct api_auth auth;
    char token[64];
};

static int make(void **state)
{
    static struct fixture f;
    f = (struct fixture){.loop = {{.mono_ms = 1000000}}};
    account_init(&f.account, &f.loop, "alice", "s3cret", TTL_MS);
    f.auth = account_auth(&f.account);
    *state = &f;
    return 0;
}

static bool login(struct fixture *f, const char *user, const char *password)
{
    return f->auth.login(f->auth.self, user, password, f->token, sizeof(f->token));
}

static bool valid(struct fixture *f, const char *token)
{
    return f->auth.valid(f->auth.self, token);
}

/* --- logins ----------------------------------------------------------------------------------- */

static void only_the_correct_user_and_password_get_a_token(void **state)
{
    static const struct row {
        const char *user, *password;
        bool in;
    } rows[] = {
        {"alice", "s3cret", true},
        {"alice", "S3cret", false},
        {"Alice", "s3cret", false},
        {"alice", "s3cre", false},
        {"alice", "", false},
        {"", "s3cret", false},
        {"", "", false},
        {"s3cret", "alice", false},
        {"alice ", "s3cret", false},
        {"alice", "s3cret ", false},
    };
    struct fixture *f = *state;
    int64_t logins = 0, refused = 0;
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        t_row(rows[i].user);
        strcpy(f->token, "untouched");
        t_true(login(f, rows[i].user, rows[i].password) == rows[i].in);
        if (!rows[i].in)
            t_str(f->token, "untouched");
        logins += rows[i].in;
        refused += !rows[i].in;
        t_int(f->account.logins, logins);
        t_int(f->account.refused, refused);
        t_int(f->account.unauthorized, 0);
    }
}

static void tokens_have_the_format_of_a_broker(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 100; i++) {
        account_forget(&f->account);
        t_true(login(f, "alice", "s3cret"));
        t_int(strlen(f->token), 44);
        t_int(strspn(f->token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"),
              43);
        t_str(f->token + 43, "=");
    }
}

static void another_login_returns_the_same_token(void **state)
{
    struct fixture *f = *state;
    char first[64];
    t_true(login(f, "alice", "s3cret"));
    strcpy(first, f->token);
    f->loop.now.mono_ms += TTL_MS - 1;
    t_true(login(f, "alice", "s3cret"));
    t_str(f->token, first);
    t_int(f->account.logins, 2);
    f->loop.now.mono_ms += 1; /* another login must not extend its life */
    t_true(!valid(f, first));
}

static void a_new_password_applies_at_once(void **state)
{
    struct fixture *f = *state;
    t_true(login(f, "alice", "s3cret"));
    strcpy(f->account.password, "other");
    t_true(valid(f, f->token)); /* tokens stay valid */
    t_true(!login(f, "alice", "s3cret"));
    t_true(login(f, "alice", "other"));
}

/* --- tokens ----------------------------------------------------------------------------------- */

static void only_the_exact_token_is_valid(void **state)
{
    struct fixture *f = *state;
    char other[sizeof(f->token) + 1];
    t_true(!valid(f, ""));
    t_true(!valid(f, "anything"));
    t_true(login(f, "alice", "s3cret"));
    t_true(valid(f, f->token));
    t_true(!valid(f, ""));
    snprintf(other, sizeof(other), "%.43s", f->token);
    t_true(!valid(f, other));
    snprintf(other, sizeof(other), "%s=", f->token);
    t_true(!valid(f, other));
    strcpy(other, f->token);
    other[0] = other[0] == 'A' ? 'B' : 'A';
    t_true(!valid(f, other));
    t_int(f->account.unauthorized, 6);
    t_int(f->account.refused, 0);
}

static void tokens_expire(void **state)
{
    struct fixture *f = *state;
    char first[64];
    t_true(login(f, "alice", "s3cret"));
    strcpy(first, f->token);
    f->loop.now.mono_ms += TTL_MS - 1;
    t_true(valid(f, first));
    f->loop.now.mono_ms += 1;
    t_true(!valid(f, first));
    t_true(!valid(f, first));
    t_int(f->account.unauthorized, 2);
    t_true(login(f, "alice", "s3cret"));
    t_true(strcmp(f->token, first) != 0);
    t_true(!valid(f, first));
    t_true(valid(f, f->token));
}

static void a_ttl_of_zero(void **state)
{
    struct fixture *f = *state;
    account_init(&f->account, &f->loop, "alice", "s3cret", 0);
    t_true(login(f, "alice", "s3cret"));
    t_true(!valid(f, f->token));
}

static void account_forget_and_logout_invalidate_the_token(void **state)
{
    struct fixture *f = *state;
    for (int way = 0; way < 2; way++) {
        char first[64];
        t_row(way ? "logout" : "account_forget");
        t_true(login(f, "alice", "s3cret"));
        strcpy(first, f->token);
        if (way)
            f->auth.logout(f->auth.self);
        else
            account_forget(&f->account);
        t_true(!valid(f, first));
        t_true(!valid(f, ""));
        t_true(login(f, "alice", "s3cret"));
        t_true(strcmp(f->token, first) != 0);
        t_true(valid(f, f->token));
        t_true(!valid(f, first));
    }
    t_int(f->account.logins, 4);
    t_int(f->account.unauthorized, 6);
}

/* "@" is the token. */
static void the_token_of_a_stream_in_each_place(void **state)
{
    enum { H = ACCOUNT_HEADER, C = ACCOUNT_COOKIE, Q = ACCOUNT_QUERY };
    static const struct row {
        const char *name, *header, *cookie, *param, *value;
        unsigned allowed; /* places in which it counts */
    } rows[] = {
        {"nowhere", NULL, NULL, NULL, NULL, 0},
        {"header", "@", NULL, NULL, NULL, H},
        {"wrong header", "x", NULL, NULL, NULL, 0},
        {"cookie", NULL, "JSESSIONID=@", NULL, NULL, C},
        {"last cookie", NULL, "a=b; JSESSIONID=@", NULL, NULL, C},
        {"first cookie", NULL, "JSESSIONID=@; a=b", NULL, NULL, C},
        {"similar cookie", NULL, "XJSESSIONID=@", NULL, NULL, 0},
        {"wrong cookie", NULL, "JSESSIONID=x", NULL, NULL, 0},
        {"token", NULL, NULL, "token", "@", Q},
        {"session_id", NULL, NULL, "session_id", "@", Q},
        {"access_token", NULL, NULL, "access_token", "@", Q},
        {"another parameter", NULL, NULL, "tok", "@", 0},
        {"wrong parameter", NULL, NULL, "token", "x", 0},
        {"everywhere", "@", "JSESSIONID=@", "token", "@", H | C | Q},
    };
    struct fixture *f = *state;
    t_true(login(f, "alice", "s3cret"));
    for (size_t i = 0; i < T_COUNT(rows); i++) {
        char header[100] = "", cookie[200] = "", value[100] = "";
        char *out[] = {header, cookie, value};
        const char *in[] = {rows[i].header, rows[i].cookie, rows[i].value};
        for (int n = 0; n < 3; n++) {
            const char *at = in[n] ? strchr(in[n], '@') : NULL;
            if (at)
                sprintf(out[n], "%.*s%s%s", (int)(at - in[n]), in[n], f->token, at + 1);
            else if (in[n])
                strcpy(out[n], in[n]);
        }
        struct t_header headers[] = {{"X-Auth-Token", header}, {"Cookie", cookie}, {0}};
        struct web_request request = {.params = {{rows[i].param, value}},
                                      .params_count = rows[i].param != NULL,
                                      .header = t_find_header,
                                      .self = headers};
        t_row(rows[i].name);
        for (unsigned proofs = 0; proofs <= (H | C | Q); proofs++)
            t_true(account_allows(&f->account, &request, proofs) ==
                   ((proofs & rows[i].allowed) != 0));
    }
    f->loop.now.mono_ms += TTL_MS;
    struct t_header headers[] = {{"X-Auth-Token", f->token}, {0}};
    const struct web_request late = {.header = t_find_header, .self = headers};
    t_true(!account_allows(&f->account, &late, H)); /* expired */
}

static void init_resets_token_and_counters(void **state)
{
    struct fixture *f = *state;
    t_true(login(f, "alice", "s3cret"));
    t_true(!login(f, "", ""));
    t_true(!valid(f, ""));
    account_init(&f->account, &f->loop, "bob", "p", TTL_MS);
    t_int(f->account.logins + f->account.refused + f->account.unauthorized, 0);
    t_true(!valid(f, f->token));
    t_true(!login(f, "alice", "s3cret"));
    t_true(login(f, "bob", "p"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(only_the_correct_user_and_password_get_a_token, make),
        cmocka_unit_test_setup(tokens_have_the_format_of_a_broker, make),
        cmocka_unit_test_setup(another_login_returns_the_same_token, make),
        cmocka_unit_test_setup(a_new_password_applies_at_once, make),
        cmocka_unit_test_setup(only_the_exact_token_is_valid, make),
        cmocka_unit_test_setup(tokens_expire, make),
        cmocka_unit_test_setup(a_ttl_of_zero, make),
        cmocka_unit_test_setup(account_forget_and_logout_invalidate_the_token, make),
        cmocka_unit_test_setup(the_token_of_a_stream_in_each_place, make),
        cmocka_unit_test_setup(init_resets_token_and_counters, make),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

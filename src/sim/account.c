#include "sim/account.h"

#include "sim/base64.h"

#include <stdio.h>
#include <string.h>

#define TOKEN_BYTES 32 /* 44 characters, as a broker's token */

void account_init(struct account *account, struct loop *loop, const char *user,
                  const char *password, int64_t ttl_ms)
{
    *account = (struct account){.loop = loop, .ttl_ms = ttl_ms};
    snprintf(account->user, sizeof(account->user), "%s", user);
    snprintf(account->password, sizeof(account->password), "%s", password);
}

void account_forget(struct account *account)
{
    account->token[0] = '\0';
}

static bool alive(const struct account *account)
{
    return account->token[0] && loop_now(account->loop).mono_ms < account->expires_ms;
}

bool account_knows(const struct account *account, const char *user, const char *password)
{
    return strcmp(user, account->user) == 0 && strcmp(password, account->password) == 0;
}

static bool login(void *self, const char *user, const char *password, char *token, size_t size)
{
    struct account *account = self;
    if (!account_knows(account, user, password)) {
        account->refused++;
        return false;
    }
    if (!alive(account)) {
        base64_random(account->token, BASE64_PADDED, TOKEN_BYTES);
        account->expires_ms = loop_now(account->loop).mono_ms + account->ttl_ms;
    }
    account->logins++;
    snprintf(token, size, "%s", account->token);
    return true;
}

static bool valid(void *self, const char *token)
{
    struct account *account = self;
    if (alive(account) && strcmp(token, account->token) == 0)
        return true;
    account->unauthorized++;
    return false;
}

static void logout(void *self)
{
    account_forget(self);
}

struct api_auth account_auth(struct account *account)
{
    return (struct api_auth){.self = account, .login = login, .valid = valid, .logout = logout};
}

static bool header_fits(const struct account *account, const struct web_request *request)
{
    return alive(account) && strcmp(web_header(request, "X-Auth-Token"), account->token) == 0;
}

static bool cookie_fits(struct account *account, const char *cookie)
{
    static const char name[] = "JSESSIONID=";
    const char *at = strstr(cookie, name);
    char token[sizeof(account->token)];
    if (!at || (at != cookie && at[-1] != ' ' && at[-1] != ';'))
        return false;
    at += strlen(name);
    snprintf(token, sizeof(token), "%.*s", (int)strcspn(at, "; "), at);
    return alive(account) && strcmp(token, account->token) == 0;
}

static bool query_fits(struct account *account, const struct web_request *request)
{
    static const char *const names[] = {"token", "session_id", "access_token"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = web_param(request, names[i]);
        char token[sizeof(account->token)];
        snprintf(token, sizeof(token), "%s", value ? value : "");
        for (char *c = token; (c = strchr(c, ' '));) /* the server decoded '+' to a space */
            *c = '+';
        if (value && alive(account) && strcmp(token, account->token) == 0)
            return true;
    }
    return false;
}

bool account_allows(struct account *account, const struct web_request *request, unsigned proofs)
{
    if (((proofs & ACCOUNT_HEADER) && header_fits(account, request)) ||
        ((proofs & ACCOUNT_COOKIE) && cookie_fits(account, web_header(request, "Cookie"))) ||
        ((proofs & ACCOUNT_QUERY) && query_fits(account, request)))
        return true;
    account->unauthorized++;
    return false;
}

bool account_controls(const struct account *account, const struct web_request *request)
{
    return header_fits(account, request) ||
           account_knows(account, web_header(request, "X-Username"),
                         web_header(request, "X-Password"));
}

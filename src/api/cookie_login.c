#include "api/cookie_login.h"

#include <stdio.h>
#include <string.h>

#define COOKIE       "cinta_token="
#define ATTRIBUTES   "; Path=/; HttpOnly; SameSite=Strict"
#define TOKEN_BYTES  256
#define NO_TOKEN     "local"
#define PAGE_OK      "/"
#define PAGE_REFUSED "/?login_error=1"

static void set_cookie(const struct access_rules *rules, struct web_answer *answer)
{
    char header[TOKEN_BYTES + sizeof(COOKIE ATTRIBUTES)];
    snprintf(header, sizeof(header), COOKIE "%s" ATTRIBUTES,
             rules->token && *rules->token ? rules->token : NO_TOKEN);
    web_add_header(answer, "set-cookie", header);
}

void cookie_login_answer(const struct access_rules *rules, const struct web_request *request,
                         struct web_answer *answer)
{
    bool accepted = request->post && access_token(rules, web_param(request, "j_password"));
    web_put(answer, 302, "text/plain", "");
    web_add_header(answer, "location", accepted ? PAGE_OK : PAGE_REFUSED);
    if (accepted)
        set_cookie(rules, answer);
}

/* Copies the value of the first cookie of that name; a longer one is truncated. */
static bool find_cookie(const char *cookies, char out[TOKEN_BYTES])
{
    while (*cookies) {
        cookies += strspn(cookies, "; ");
        size_t len = strcspn(cookies, ";");
        if (strncmp(cookies, COOKIE, strlen(COOKIE)) == 0) {
            int value_bytes = (int)(len - strlen(COOKIE));
            snprintf(out, TOKEN_BYTES, "%.*s", value_bytes, cookies + strlen(COOKIE));
            return true;
        }
        cookies += len;
    }
    return false;
}

bool cookie_login_valid(const struct access_rules *rules, const struct web_request *request)
{
    char given[TOKEN_BYTES];
    bool sent = find_cookie(web_header(request, "Cookie"), given);
    return access_token(rules, sent ? given : NULL);
}

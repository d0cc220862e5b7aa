/*
 * cookie_login: the older login of the Primary API (protocol section 4.4), which gives a cookie
 * instead of a token. The example for WebSockets of jsRofex uses it.
 *
 * Pure. The cookie has a name of its own: browsers send cookies of one host to all its ports, and
 * JSESSIONID is the name that other programs of this machine use.
 */
#ifndef API_COOKIE_LOGIN_H
#define API_COOKIE_LOGIN_H

#include "serve/access.h"
#include "serve/web.h"

#define COOKIE_LOGIN_PATH "j_spring_security_check"

/* Always a redirect, as at the broker; with the cookie if j_password is the token. */
void cookie_login_answer(const struct access_rules *rules, const struct web_request *request,
                         struct web_answer *answer);
/* Whether the request has the cookie of a login; always true when no token is required. */
bool cookie_login_valid(const struct access_rules *rules, const struct web_request *request);

#endif

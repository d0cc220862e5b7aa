#include "sim/answer_faults.h"

#include "serve/primary_api.h"

#include <stdio.h>

#define JSON_TYPE  "application/json;charset=UTF-8"
#define HUGE_BYTES (2 * 1024 * 1024 + 1)

static void put_retry_after(const struct fault *fault, struct web_answer *answer)
{
    char seconds[16];
    snprintf(seconds, sizeof(seconds), "%d", fault->retry_after_s);
    if (fault->retry_after_s > 0)
        web_add_header(answer, "retry-after", seconds);
}

void answer_faults_apply(const struct fault *fault, struct web_answer *answer)
{
    switch (fault->kind) {
    case FAULT_STATUS:
        web_put(answer, fault->status, JSON_TYPE,
                *fault->body ? fault->body : "{\"status\":\"ERROR\",\"message\":\"simulated\"}");
        put_retry_after(fault, answer);
        return;
    case FAULT_TYPE:
        answer->content_type = "text/plain";
        return;
    case FAULT_SHAPE:
        web_put(answer, 200, JSON_TYPE, "{\"status\":\"OK\",\"marketData\":\"none today\"}");
        return;
    case FAULT_GARBAGE:
        web_put(answer, 200, JSON_TYPE,
                "{\"status\":\"OK\",\"marketData\":{\"BI\":[{\"price\":1601.,,");
        return;
    case FAULT_HTML:
        web_put(answer, 200, "text/html",
                "<!doctype html><title>Ingreso</title>"
                "<form method=post action=\"/j_spring_security_check\"></form>");
        return;
    case FAULT_REDIRECT:
        web_put(answer, fault->status / 100 == 3 ? fault->status : 302, "text/html", "");
        web_add_header(answer, "location", fault->location);
        return;
    case FAULT_PAGE:
        web_put(answer, fault->status, "text/html", "");
        buf_printf(&answer->body,
                   "<!doctype html><html><head><title>%s</title></head><body></body></html>",
                   fault->title);
        put_retry_after(fault, answer);
        return;
    case FAULT_BLANK:
        web_put(answer, fault->status, "text/plain", "");
        return;
    case FAULT_EMPTY:
        web_put(answer, 200, JSON_TYPE, "");
        return;
    case FAULT_HUGE:
        web_put(answer, 200, JSON_TYPE, "{\"status\":\"OK\"");
        while (answer->body.len_bytes < HUGE_BYTES)
            buf_puts(&answer->body, "                                                            ");
        buf_puts(&answer->body, "}");
        return;
    case FAULT_NO_TOKEN:
        web_put(answer, 200, "text/plain", "");
        return;
    case FAULT_REFUSE:
        web_put(answer, 401, JSON_TYPE, "{\"status\":\"ERROR\",\"message\":\"Unauthorized\"}");
        return;
    case FAULT_BODY:
        web_put(answer, 200, JSON_TYPE, fault->body);
        return;
    case FAULT_ERROR:
        api_error(answer, fault->body);
        return;
    case FAULT_NONE:
    case FAULT_SLOW:
    case FAULT_HANG:
    case FAULT_RESET:
    case FAULT_CLOSE:
    case FAULT_TRUNCATED:
    case FAULT_EXPIRE:
        return;
    default: /* kinds for streams only */
        return;
    }
}

enum web_action answer_faults_action(const struct fault *fault)
{
    switch (fault ? fault->kind : FAULT_NONE) {
    case FAULT_HANG:
        return WEB_HANG;
    case FAULT_RESET:
        return WEB_RESET;
    case FAULT_CLOSE:
        return WEB_CLOSE;
    case FAULT_TRUNCATED:
        return WEB_TRUNCATE;
    default:
        return WEB_SEND;
    }
}

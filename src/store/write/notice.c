#include "store/write/notice.h"

static const struct {
    enum event_kind event;
    enum log_level level;
} notices[] = {
    [STORE_LOCKED] = {EVENT_STORE_DELAYED, LOG_LEVEL_WARN},
    [STORE_WAL_FULL] = {EVENT_STORE_DELAYED, LOG_LEVEL_WARN},
    [STORE_FAILING] = {EVENT_STORE_DELAYED, LOG_LEVEL_ERROR},
    [STORE_RECOVERED] = {EVENT_STORE_DELAYED, LOG_LEVEL_WARN},
    [STORE_DROPPED] = {EVENT_DROPPED, LOG_LEVEL_ERROR},
    [STORE_WAL_STUCK] = {EVENT_WAL_STUCK, LOG_LEVEL_WARN},
    [STORE_WAL_FREED] = {EVENT_WAL_FREED, LOG_LEVEL_INFO},
    [STORE_REOPENED] = {EVENT_STORE_REOPENED, LOG_LEVEL_WARN},
    [STORE_TRIMMED] = {EVENT_TRIMMED, LOG_LEVEL_INFO},
};

enum event_kind store_notice_event(enum store_notice_kind kind)
{
    return notices[kind].event;
}

enum log_level store_notice_level(enum store_notice_kind kind)
{
    return notices[kind].level;
}

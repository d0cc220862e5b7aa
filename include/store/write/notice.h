/*
 * notice: the event kind and the log level of each notice of the store.
 */
#ifndef STORE_WRITE_NOTICE_H
#define STORE_WRITE_NOTICE_H

#include "base/log.h"
#include "store/write/store.h"

enum event_kind store_notice_event(enum store_notice_kind kind);
enum log_level store_notice_level(enum store_notice_kind kind);

#endif

#include "service/reference_parts.h"

#include "base/json_write.h"
#include "base/log.h"
#include "broker/catalog.h"
#include "broker/reference_data.h"
#include "market/instrument_merge.h"
#include "market/source_table.h"
#include "service/api_part.h"
#include "service/lease_part.h"
#include "service/recording.h"
#include "service/running.h"
#include "store/read/instrument_rows.h"
#include "store/write/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* --- what the database has -------------------------------------------------------------------- */

static int read_rows(struct service *s, struct reader *reader, struct err *err)
{
    struct buf broker;
    int64_t from_ns = clock_now().wall_ns - INSTRUMENT_KEEP_DAYS * NS_PER_DAY;
    buf_init(&broker, sizeof(s->reference_broker) - 1);
    int rc = instrument_rows_last(reader, &s->reference_ns, &broker, err);
    snprintf(s->reference_broker, sizeof(s->reference_broker), "%s", buf_text(&broker));
    buf_finish(&broker);
    return rc ? rc : instrument_rows_read(reader, from_ns, s->reference, err);
}

int reference_start(struct service *s, struct err *err)
{
    struct reader *reader;
    s->reference = instrument_list_create();
    if (!s->reference)
        return err_set(err, -ENOMEM, "out of memory");
    int rc = reader_open(&reader, s->store_path, err);
    if (rc == 0) {
        rc = read_rows(s, reader, err);
        reader_close(reader);
    }
    if (rc)
        reference_stop(s);
    return rc;
}

void reference_stop(struct service *s)
{
    instrument_list_release(s->reference);
    s->reference = NULL;
}

/* --- what recorders have published ------------------------------------------------------------ */

bool reference_published(struct service *s, const struct instrument_list *published)
{
    struct instrument_published merged;
    if (instrument_merge_published(s->reference, published, &merged))
        return false;
    instrument_list_release(s->reference);
    s->reference = merged.after;
    store_given(s->store,
                &(struct store_given){.kind = GIVEN_INSTRUMENTS, .instruments = merged.accepted});
    instrument_list_release(merged.accepted);
    api_reference(s);
    return true;
}

/* --- renewing it ------------------------------------------------------------------------------ */

static void on_reference(void *arg, struct instrument_list *list, int64_t ts_read)
{
    struct service *s = arg;
    instrument_list_release(s->reference);
    s->reference = instrument_list_share(list);
    mask_url(s->reference_broker, sizeof(s->reference_broker), s->feed_config->broker.url);
    if (ts_read)
        s->reference_ns = ts_read;
    store_list(s->store, list, ts_read, s->reference_broker);
    api_reference(s);
    recording_resegmented(s);
    if (s->catalog)
        catalog_known(s->catalog, list);
}

static const char *recorded_symbol(void *arg, int32_t index)
{
    const struct service *s = arg;
    if (index >= market_count(s->market))
        return NULL;
    const struct source_row *row = source_table_row(s->sources, index);
    bool recorded = row->state != SOURCE_UNLISTED && !row->on_trial;
    return recorded ? market_symbol(s->market, index) : "";
}

/* The list of another broker is not today's list of this one. */
bool reference_is_of_broker(const struct service *s)
{
    char broker[MASK_URL_BYTES];
    mask_url(broker, sizeof(broker), s->feed_config->broker.url);
    return strcmp(broker, s->reference_broker) == 0;
}

int reference_data_start(struct service *s, struct err *err)
{
    const struct reference_data_parts parts = {
        .loop = s->loop,
        .config = s->feed_config,
        .keeper = s->keeper,
        .events = s->events,
        .budget = &s->budget,
        .known = s->reference,
        .known_ns = reference_is_of_broker(s) ? s->reference_ns : 0,
        .fn = on_reference,
        .symbol = recorded_symbol,
        .arg = s,
    };
    return reference_data_create(&s->reference_data, &parts, err);
}

void reference_data_stop(struct service *s)
{
    reference_data_destroy(s->reference_data);
    s->reference_data = NULL;
}

void reference_refresh(struct service *s, struct buf *text)
{
    struct lease_facts lease;
    char rest[LEASE_WORDS_BYTES];
    if (!s->reference_data) {
        lease_rest(rest, lease_part_facts(s, &lease) ? &lease : NULL);
        buf_puts(text, "{\"failed\":");
        json_put_string(text, rest);
        buf_puts(text, "}\n");
        return;
    }
    buf_printf(text, "{\"attempts\":%d}\n", reference_data_state(s->reference_data).attempts);
    log_line(LOG_LEVEL_INFO, "reference data requested by a command", NULL);
    reference_data_refresh(s->reference_data);
}

#include "nats/stream.h"

#include "base/clock.h"
#include "nats/stream_error.h"

#include <errno.h>
#include <nats/nats.h>
#include <stdio.h>
#include <string.h>

#define SCAN_QUEUE 65536

/* --- how it is and how it should be ----------------------------------------------------------- */

static int64_t limit_of(int64_t value)
{
    return value > 0 ? value : 0; /* -1 = none */
}

static void note(char *words, const char *name, int64_t is, int64_t wished)
{
    size_t used = strlen(words);
    if (is != wished)
        snprintf(words + used, NATS_STREAM_WORDS - used, "%s%s is %lld instead of %lld",
                 used ? ", " : "", name, (long long)is, (long long)wished);
}

static void compare(const jsStreamConfig *is, const struct nats_stream_wish *wish, char *words)
{
    *words = '\0';
    note(words, "replicas", is->Replicas ? is->Replicas : 1, wish->replicas);
    note(words, "max_age (s)", limit_of(is->MaxAge) / NS_PER_S, wish->max_age_ns / NS_PER_S);
    note(words, "max_bytes", limit_of(is->MaxBytes), wish->max_bytes);
    note(words, "max_msgs", limit_of(is->MaxMsgs), wish->max_messages);
    note(words, "max_msgs_per_subject", limit_of(is->MaxMsgsPerSubject), wish->max_per_subject);
    if (wish->subject)
        note(words, "duplicate_window (s)", is->Duplicates / NS_PER_S,
             wish->duplicates_ns / NS_PER_S);
}

static bool takes(const jsStreamConfig *is, const struct nats_stream_wish *wish)
{
    if (!wish->subject)
        return is->Mirror && strcmp(is->Mirror->Name, wish->mirror_of) == 0;
    for (int i = 0; i < is->SubjectsLen; i++) {
        if (strcmp(is->Subjects[i], wish->subject) == 0)
            return true;
    }
    return false;
}

/* Of a cluster; a single server says nothing of it. */
static void take_copies(const jsClusterInfo *cluster, struct nats_stream_state *out)
{
    out->leader = !cluster || !cluster->Name || (cluster->Leader && *cluster->Leader);
    for (int i = 0; cluster && i < cluster->ReplicasLen; i++) {
        const jsPeerInfo *copy = cluster->Replicas[i];
        size_t used = strlen(out->missing_servers);
        if (copy->Current && !copy->Offline)
            continue;
        snprintf(out->missing_servers + used, NATS_STREAM_WORDS - used, "%s%s",
                 out->missing++ ? ", " : "", copy->Name);
    }
}

static int take_info(const jsStreamInfo *info, const struct nats_stream_wish *wish,
                     struct nats_stream_state *out, struct err *err)
{
    *out = (struct nats_stream_state){
        .first_seq = info->State.FirstSeq,
        .last_seq = info->State.LastSeq,
        .messages = info->State.Msgs,
        .bytes = info->State.Bytes,
        .created_ns = info->Created,
        .replicas = (int)info->Config->Replicas,
    };
    compare(info->Config, wish, out->differs);
    take_copies(info->Cluster, out);
    if (takes(info->Config, wish))
        return 0;
    return err_set(err, -EBUSY, "the stream %s exists and is not for %s%s", wish->name,
                   wish->subject ? "the subjects " : "a mirror of ",
                   wish->subject ? wish->subject : wish->mirror_of);
}

/* --- creating --------------------------------------------------------------------------------- */

static natsStatus add(struct nats_link *link, const struct nats_stream_wish *wish,
                      jsStreamInfo **info, jsErrCode *code)
{
    jsStreamConfig config;
    jsStreamSource mirror;
    const char *subjects[] = {wish->subject};
    jsStreamConfig_Init(&config);
    jsStreamSource_Init(&mirror);
    config.Name = wish->name;
    config.Description = wish->description;
    config.Storage = js_FileStorage;
    config.Retention = js_LimitsPolicy;
    config.Discard = js_DiscardOld;
    config.Replicas = wish->replicas;
    config.MaxAge = wish->max_age_ns;
    config.MaxBytes = wish->max_bytes ? wish->max_bytes : -1;
    config.MaxMsgs = wish->max_messages ? wish->max_messages : -1;
    config.MaxMsgsPerSubject = wish->max_per_subject ? wish->max_per_subject : -1;
    config.AllowDirect = true;
    if (wish->subject) {
        config.Subjects = subjects;
        config.SubjectsLen = 1;
        config.Duplicates = wish->duplicates_ns;
    } else {
        mirror.Name = wish->mirror_of;
        config.Mirror = &mirror;
    }
    return js_AddStream(info, nats_link_jetstream(link), &config, NULL, code);
}

int nats_stream_ensure(struct nats_link *link, const struct nats_stream_wish *wish, bool create,
                       struct nats_stream_state *out, struct err *err)
{
    jsStreamInfo *info = NULL;
    jsErrCode code = 0;
    natsStatus s = js_GetStreamInfo(&info, nats_link_jetstream(link), wish->name, NULL, &code);
    if (s == NATS_NOT_FOUND && create) {
        code = 0;
        s = add(link, wish, &info, &code);
    }
    if (s != NATS_OK)
        return stream_error(link, (int)s, (int)code, wish->name, err);
    int rc = take_info(info, wish, out, err);
    jsStreamInfo_Destroy(info);
    return rc;
}

int nats_stream_delete(struct nats_link *link, const char *stream, struct err *err)
{
    jsErrCode code = 0;
    natsStatus s = js_DeleteStream(nats_link_jetstream(link), stream, NULL, &code);
    return s == NATS_OK ? 0 : stream_error(link, (int)s, (int)code, stream, err);
}

/* --- reading ---------------------------------------------------------------------------------- */

int nats_stream_get(struct nats_link *link, const char *stream, uint64_t seq,
                    struct nats_message *out, struct err *err)
{
    natsMsg *native = NULL;
    jsErrCode code = 0;
    natsStatus s = js_GetMsg(&native, nats_link_jetstream(link), stream, seq, NULL, &code);
    if (s != NATS_OK)
        return stream_error(link, (int)s, (int)code, stream, err);
    *out = nats_message_of(native, seq);
    out->stored_ns = natsMsg_GetTime(native);
    return 0;
}

struct scanning {
    natsSubscription *subscription;
    const struct nats_scan *scan;
    nats_scan_fn *fn;
    void *arg;
};

/* 1: go on; 0: the last one was read, or `fn` stopped; negative: a natsStatus. */
static int scan_next(const struct scanning *s)
{
    natsMsg *native = NULL;
    jsMsgMetaData *meta = NULL;
    natsStatus status = natsSubscription_NextMsg(&native, s->subscription, NATS_WAIT_MS);
    if (status == NATS_OK)
        status = natsMsg_GetMetaData(&meta, native);
    if (status != NATS_OK) {
        natsMsg_Destroy(native);
        return -(int)status;
    }
    struct nats_message message = nats_message_of(native, meta->Sequence.Stream);
    bool last = message.stream_seq >= s->scan->to || meta->NumPending == 0;
    int stop = message.stream_seq > s->scan->to ? 1 : s->fn(s->arg, &message);
    jsMsgMetaData_Destroy(meta);
    nats_message_finish(&message);
    return stop || last ? 0 : 1;
}

int nats_stream_scan(struct nats_link *link, const struct nats_scan *scan, nats_scan_fn *fn,
                     void *arg, struct err *err)
{
    struct scanning scanning = {NULL, scan, fn, arg};
    jsSubOptions options;
    jsErrCode code = 0;
    int step = 1;
    if (scan->from > scan->to)
        return 0;
    jsSubOptions_Init(&options);
    options.Stream = scan->stream;
    options.Ordered = true;
    options.Config.DeliverPolicy = js_DeliverByStartSequence;
    options.Config.OptStartSeq = scan->from;
    options.Config.HeadersOnly = scan->headers_only;
    natsStatus s = js_SubscribeSync(&scanning.subscription, nats_link_jetstream(link),
                                    scan->subject, NULL, &options, &code);
    if (s != NATS_OK)
        return stream_error(link, (int)s, (int)code, scan->stream, err);
    natsSubscription_SetPendingLimits(scanning.subscription, SCAN_QUEUE, -1);
    while (step > 0)
        step = scan_next(&scanning);
    nats_link_retire(link, scanning.subscription);
    return step < 0 ? stream_error(link, -step, 0, scan->stream, err) : 0;
}

/*
 * The limit of the sink: bench_publish PORT STREAM RATE SECONDS reads all messages of the stream,
 * publishes them again into a stream of its own with libnats' asynchronous calls ("backlog"), and
 * then publishes RATE messages a second while it reads them as a consumer ("age", the time from the
 * call to their arrival). Ids and expected messages are as the sink's, which needs both to store
 * each message once.
 */
#include "report.h"

#include <inttypes.h>
#include <nats/nats.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WAIT_MS     10000
#define PENDING_MAX 2048 /* as the sink has on their way */
#define SUBJECT     "bare"
#define SENT        "Bench-Sent"
#define ID_BYTES    64

struct publisher {
    natsConnection *connection;
    jsCtx *js;
    natsMsg **messages;
    int count;
    uint64_t last_seq;
    char last_id[ID_BYTES];
    int failed; /* set by a thread of libnats, read after the last acknowledgement */
};

static void must(natsStatus status, const char *what)
{
    if (status != NATS_OK)
        report_fail("%s: %s", what, natsStatus_GetText(status));
}

static void on_failed(jsCtx *js, jsPubAckErr *failure, void *arg)
{
    struct publisher *p = arg;
    (void)js;
    (void)failure;
    p->failed++;
}

static void connect_to(struct publisher *p, const char *port)
{
    char url[64];
    jsOptions options;
    snprintf(url, sizeof(url), "nats://127.0.0.1:%s", port);
    must(natsConnection_ConnectTo(&p->connection, url), "connect");
    jsOptions_Init(&options);
    options.Wait = WAIT_MS;
    options.PublishAsync.MaxPending = PENDING_MAX;
    options.PublishAsync.StallWait = WAIT_MS;
    options.PublishAsync.ErrHandler = on_failed;
    options.PublishAsync.ErrHandlerClosure = p;
    must(natsConnection_JetStream(&p->js, p->connection, &options), "JetStream");
}

/* --- the messages ----------------------------------------------------------------------------- */

static natsSubscription *subscribe(struct publisher *p, const char *stream, const char *subject,
                                   jsDeliverPolicy from)
{
    natsSubscription *subscription;
    jsSubOptions options;
    jsSubOptions_Init(&options);
    options.Stream = stream;
    options.Ordered = true;
    options.Config.DeliverPolicy = from;
    must(js_SubscribeSync(&subscription, p->js, subject, NULL, &options, NULL), "subscribe");
    must(natsSubscription_SetPendingLimits(subscription, -1, -1), "limits");
    return subscription;
}

static void read_stream(struct publisher *p, const char *stream)
{
    jsStreamInfo *info;
    must(js_GetStreamInfo(&info, p->js, stream, NULL, NULL), "stream");
    p->count = (int)info->State.Msgs;
    jsStreamInfo_Destroy(info);
    p->messages = calloc((size_t)p->count + 1, sizeof(*p->messages));
    if (!p->messages || p->count == 0)
        report_fail("the stream %s has no messages", stream);
    natsSubscription *all = subscribe(p, stream, ">", js_DeliverAll);
    for (int i = 0; i < p->count; i++)
        must(natsSubscription_NextMsg(&p->messages[i], all, WAIT_MS), "read");
    natsSubscription_Destroy(all);
}

static void make_stream(struct publisher *p)
{
    jsStreamConfig config;
    const char *subjects[] = {SUBJECT ".>"};
    jsStreamConfig_Init(&config);
    config.Name = "BARE";
    config.Subjects = subjects;
    config.SubjectsLen = 1;
    config.Storage = js_FileStorage;
    must(js_AddStream(NULL, p->js, &config, NULL, NULL), "create a stream");
}

/* --- publishing ------------------------------------------------------------------------------- */

static void copy_headers(natsMsg *to, natsMsg *from)
{
    const char **names, *value;
    int count;
    must(natsMsgHeader_Keys(from, &names, &count), "headers");
    for (int i = 0; i < count; i++) {
        if (strncmp(names[i], "Nats-", 5) == 0)
            continue;
        must(natsMsgHeader_Get(from, names[i], &value), names[i]);
        must(natsMsgHeader_Set(to, names[i], value), names[i]);
    }
    free(names);
}

static void publish(struct publisher *p, natsMsg *from, const char *sent)
{
    char subject[256], id[ID_BYTES];
    natsMsg *message;
    jsPubOptions options;
    snprintf(subject, sizeof(subject), SUBJECT ".%s", natsMsg_GetSubject(from));
    snprintf(id, sizeof(id), SUBJECT ":%" PRIu64, p->last_seq + 1);
    must(
        natsMsg_Create(&message, subject, NULL, natsMsg_GetData(from), natsMsg_GetDataLength(from)),
        "message");
    copy_headers(message, from);
    if (sent)
        must(natsMsgHeader_Set(message, SENT, sent), SENT);
    jsPubOptions_Init(&options);
    options.MsgId = id;
    options.ExpectLastSeq = p->last_seq;
    options.ExpectLastMsgId = p->last_seq ? p->last_id : NULL;
    must(js_PublishMsgAsync(p->js, &message, &options), "publish");
    p->last_seq++;
    memcpy(p->last_id, id, sizeof(id));
}

static void end(struct publisher *p)
{
    must(js_PublishAsyncComplete(p->js, NULL), "acknowledgements");
    if (p->failed)
        report_fail("%d messages were refused", p->failed);
}

static void publish_backlog(struct publisher *p)
{
    const struct stopwatch watch = stopwatch_start();
    for (int i = 0; i < p->count; i++)
        publish(p, p->messages[i], NULL);
    end(p);
    report_pace("backlog", p->count, &watch);
}

/* --- the age at a consumer -------------------------------------------------------------------- */

struct consumer {
    natsSubscription *subscription;
    int64_t count;
    double *ages_ms;
};

static int64_t now_ns(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void *consume(void *arg)
{
    struct consumer *c = arg;
    for (int64_t i = 0; i < c->count; i++) {
        natsMsg *message;
        const char *sent;
        must(natsSubscription_NextMsg(&message, c->subscription, WAIT_MS), "consume");
        int64_t at_ns = now_ns();
        must(natsMsgHeader_Get(message, SENT, &sent), SENT);
        c->ages_ms[i] = (double)(at_ns - strtoll(sent, NULL, 10)) / 1e6;
        natsMsg_Destroy(message);
    }
    return NULL;
}

static void publish_live(struct publisher *p, int rate, int seconds)
{
    struct consumer c = {.count = (int64_t)rate * seconds};
    pthread_t thread;
    char sent[32];
    c.ages_ms = calloc((size_t)c.count, sizeof(*c.ages_ms));
    c.subscription = subscribe(p, "BARE", SUBJECT ".>", js_DeliverNew);
    if (!c.ages_ms || pthread_create(&thread, NULL, consume, &c))
        report_fail("no thread");
    int64_t begin_ns = now_ns();
    for (int64_t i = 0; i < c.count; i++) {
        int64_t wait_ns = begin_ns + i * 1000000000 / rate - now_ns();
        const struct timespec pause = {wait_ns / 1000000000, wait_ns % 1000000000};
        if (wait_ns > 0)
            nanosleep(&pause, NULL);
        snprintf(sent, sizeof(sent), "%" PRId64, now_ns());
        publish(p, p->messages[i % p->count], sent);
    }
    end(p);
    pthread_join(thread, NULL);
    natsSubscription_Destroy(c.subscription);
    report_spread("age", c.ages_ms, c.count);
    free(c.ages_ms);
}

int main(int argc, char **argv)
{
    struct publisher p = {0};
    if (argc != 5) {
        fprintf(stderr, "usage: bench_publish PORT STREAM RATE SECONDS\n");
        return 2;
    }
    connect_to(&p, argv[1]);
    read_stream(&p, argv[2]);
    make_stream(&p);
    publish_backlog(&p);
    publish_live(&p, atoi(argv[3]), atoi(argv[4]));
    for (int i = 0; i < p.count; i++)
        natsMsg_Destroy(p.messages[i]);
    free(p.messages);
    jsCtx_Destroy(p.js);
    natsConnection_Destroy(p.connection);
    nats_CloseAndWait(WAIT_MS);
    return 0;
}

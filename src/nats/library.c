#include "nats/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <nats/nats.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* The name of Debian's package follows from the soname: libnats.so.3.4 is in libnats3.4. */
#define PACKAGE_WORDS "install Debian's package libnats with that version, such as libnats3.4"

/* Result, name, parameters, arguments. */
// clang-format off
#define CALLS(CALL)                                                                                                                \
    CALL(const char *, natsStatus_GetText, (natsStatus s), (s))                                                                     \
    CALL(const char *, nats_GetLastError, (natsStatus *s), (s))                                                                     \
    CALL(natsStatus, natsOptions_Create, (natsOptions **o), (o))                                                                    \
    CALL(void, natsOptions_Destroy, (natsOptions *o), (o))                                                                          \
    CALL(natsStatus, natsOptions_SetServers, (natsOptions *o, const char **urls, int count), (o, urls, count))                      \
    CALL(natsStatus, natsOptions_SetUserInfo, (natsOptions *o, const char *user, const char *password), (o, user, password))        \
    CALL(natsStatus, natsOptions_SetToken, (natsOptions *o, const char *token), (o, token))                                         \
    CALL(natsStatus, natsOptions_SetUserCredentialsFromFiles, (natsOptions *o, const char *file, const char *seed), (o, file, seed)) \
    CALL(natsStatus, natsOptions_SetTimeout, (natsOptions *o, int64_t ms), (o, ms))                                                 \
    CALL(natsStatus, natsOptions_SetName, (natsOptions *o, const char *name), (o, name))                                            \
    CALL(natsStatus, natsOptions_SetSecure, (natsOptions *o, bool secure), (o, secure))                                             \
    CALL(natsStatus, natsOptions_LoadCATrustedCertificates, (natsOptions *o, const char *file), (o, file))                          \
    CALL(natsStatus, natsOptions_LoadCertificatesChain, (natsOptions *o, const char *chain, const char *key), (o, chain, key))       \
    CALL(natsStatus, natsOptions_SetAllowReconnect, (natsOptions *o, bool allow), (o, allow))                                       \
    CALL(natsStatus, natsOptions_SetIgnoreDiscoveredServers, (natsOptions *o, bool ignore), (o, ignore))                            \
    CALL(natsStatus, natsOptions_SetPingInterval, (natsOptions *o, int64_t ms), (o, ms))                                            \
    CALL(natsStatus, natsOptions_SetMaxPingsOut, (natsOptions *o, int count), (o, count))                                           \
    CALL(natsStatus, natsOptions_SetWriteDeadline, (natsOptions *o, int64_t ms), (o, ms))                                           \
    CALL(natsStatus, natsOptions_SetErrorHandler, (natsOptions *o, natsErrHandler fn, void *arg), (o, fn, arg))                     \
    CALL(natsStatus, natsConnection_Connect, (natsConnection **c, natsOptions *o), (c, o))                                          \
    CALL(void, natsConnection_Destroy, (natsConnection *c), (c))                                                                    \
    CALL(bool, natsConnection_IsClosed, (natsConnection *c), (c))                                                                   \
    CALL(natsStatus, natsConnection_GetLastError, (natsConnection *c, const char **text), (c, text))                                \
    CALL(natsStatus, natsConnection_GetConnectedUrl, (natsConnection *c, char *out, size_t bytes), (c, out, bytes))                 \
    CALL(natsStatus, natsConnection_PublishMsg, (natsConnection *c, natsMsg *m), (c, m))                                            \
    CALL(natsStatus, natsConnection_SubscribeSync, (natsSubscription **s, natsConnection *c, const char *subject), (s, c, subject)) \
    CALL(natsStatus, natsSubscription_NextMsg, (natsMsg **m, natsSubscription *s, int64_t ms), (m, s, ms))                          \
    CALL(natsStatus, natsSubscription_SetPendingLimits, (natsSubscription *s, int count, int bytes), (s, count, bytes))             \
    CALL(natsStatus, natsSubscription_Unsubscribe, (natsSubscription *s), (s))                                                      \
    CALL(void, natsSubscription_Destroy, (natsSubscription *s), (s))                                                                \
    CALL(natsStatus, natsInbox_Create, (natsInbox **i), (i))                                                                        \
    CALL(void, natsInbox_Destroy, (natsInbox *i), (i))                                                                              \
    CALL(natsStatus, natsMsg_Create, (natsMsg **m, const char *subject, const char *reply, const char *data, int bytes),            \
         (m, subject, reply, data, bytes))                                                                                          \
    CALL(void, natsMsg_Destroy, (natsMsg *m), (m))                                                                                  \
    CALL(const char *, natsMsg_GetSubject, (const natsMsg *m), (m))                                                                 \
    CALL(const char *, natsMsg_GetData, (const natsMsg *m), (m))                                                                    \
    CALL(int, natsMsg_GetDataLength, (const natsMsg *m), (m))                                                                       \
    CALL(uint64_t, natsMsg_GetSequence, (natsMsg *m), (m))                                                                          \
    CALL(int64_t, natsMsg_GetTime, (natsMsg *m), (m))                                                                               \
    CALL(natsStatus, natsMsg_GetMetaData, (jsMsgMetaData **d, natsMsg *m), (d, m))                                                  \
    CALL(void, jsMsgMetaData_Destroy, (jsMsgMetaData *d), (d))                                                                      \
    CALL(natsStatus, natsMsgHeader_Set, (natsMsg *m, const char *key, const char *value), (m, key, value))                          \
    CALL(natsStatus, natsMsgHeader_Get, (natsMsg *m, const char *key, const char **value), (m, key, value))                         \
    CALL(natsStatus, natsConnection_JetStream, (jsCtx **js, natsConnection *c, jsOptions *o), (js, c, o))                           \
    CALL(void, jsCtx_Destroy, (jsCtx *js), (js))                                                                                    \
    CALL(natsStatus, jsOptions_Init, (jsOptions *o), (o))                                                                           \
    CALL(natsStatus, jsStreamConfig_Init, (jsStreamConfig *c), (c))                                                                 \
    CALL(natsStatus, jsStreamSource_Init, (jsStreamSource *s), (s))                                                                 \
    CALL(natsStatus, jsSubOptions_Init, (jsSubOptions *o), (o))                                                                     \
    CALL(natsStatus, js_GetStreamInfo, (jsStreamInfo **i, jsCtx *js, const char *stream, jsOptions *o, jsErrCode *e),               \
         (i, js, stream, o, e))                                                                                                     \
    CALL(natsStatus, js_AddStream, (jsStreamInfo **i, jsCtx *js, jsStreamConfig *c, jsOptions *o, jsErrCode *e), (i, js, c, o, e))   \
    CALL(void, jsStreamInfo_Destroy, (jsStreamInfo *i), (i))                                                                        \
    CALL(natsStatus, js_DeleteStream, (jsCtx *js, const char *stream, jsOptions *o, jsErrCode *e), (js, stream, o, e))              \
    CALL(natsStatus, js_GetMsg, (natsMsg **m, jsCtx *js, const char *stream, uint64_t seq, jsOptions *o, jsErrCode *e),             \
         (m, js, stream, seq, o, e))                                                                                                \
    CALL(natsStatus, js_SubscribeSync,                                                                                              \
         (natsSubscription **s, jsCtx *js, const char *subject, jsOptions *o, jsSubOptions *so, jsErrCode *e),                      \
         (s, js, subject, o, so, e))                                                                                                \
    CALL(natsStatus, kvConfig_Init, (kvConfig *c), (c))                                                                             \
    CALL(natsStatus, js_CreateKeyValue, (kvStore **kv, jsCtx *js, kvConfig *c), (kv, js, c))                                        \
    CALL(natsStatus, js_KeyValue, (kvStore **kv, jsCtx *js, const char *bucket), (kv, js, bucket))                                  \
    CALL(void, kvStore_Destroy, (kvStore *kv), (kv))                                                                                \
    CALL(natsStatus, kvStore_Get, (kvEntry **e, kvStore *kv, const char *key), (e, kv, key))                                        \
    CALL(natsStatus, kvStore_Create, (uint64_t *rev, kvStore *kv, const char *key, const void *data, int bytes),                    \
         (rev, kv, key, data, bytes))                                                                                               \
    CALL(natsStatus, kvStore_Update, (uint64_t *rev, kvStore *kv, const char *key, const void *data, int bytes, uint64_t last),     \
         (rev, kv, key, data, bytes, last))                                                                                         \
    CALL(const void *, kvEntry_Value, (kvEntry *e), (e))                                                                            \
    CALL(int, kvEntry_ValueLen, (kvEntry *e), (e))                                                                                  \
    CALL(uint64_t, kvEntry_Revision, (kvEntry *e), (e))                                                                             \
    CALL(void, kvEntry_Destroy, (kvEntry *e), (e))

/* The loaded functions, in the order of CALLS. */
static struct {
#define POINTER(result, name, parameters, arguments) __typeof__(name) *name;
    CALLS(POINTER)
} calls;

/* `result` may be void: C allows no return of a void expression with -pedantic only. */
#define FUNCTION(result, name, parameters, arguments) result name parameters { return calls.name arguments; }
CALLS(FUNCTION)

static const struct {
    const char *name;
    size_t member;
} names[] = {
#define NAME(result, name, parameters, arguments) {#name, offsetof(__typeof__(calls), name)},
    CALLS(NAME)
};
// clang-format on

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool loaded;

static int find_all(void *library, struct err *err)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        void *found = dlsym(library, names[i].name);
        if (!found)
            return err_set(err, -ENOPKG, CINTA_LIBNATS " has no function %s: " PACKAGE_WORDS,
                           names[i].name);
        *(void **)((char *)&calls + names[i].member) = found;
    }
    return 0;
}

static int load(struct err *err)
{
    void *library = dlopen(CINTA_LIBNATS, RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return err_set(err, -ENOPKG, "cannot load the NATS client library (%s): " PACKAGE_WORDS,
                       dlerror());
    int rc = find_all(library, err);
    if (rc)
        dlclose(library);
    return rc;
}

int nats_library_load(struct err *err)
{
    pthread_mutex_lock(&lock);
    int rc = loaded ? 0 : load(err);
    loaded = rc == 0;
    pthread_mutex_unlock(&lock);
    return rc;
}

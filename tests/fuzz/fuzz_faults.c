/*
 * Arbitrary fault files. Accepted faults must be within the bounds of faults.h; a refusal must name
 * the position and leave `out` unchanged; neither may affect the next file that is read.
 */
#include "sim/faults.h"
#include "support/fuzz.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS  86400000
#define ROUNDS  6
#define MATCHED 200 /* faults that are tested, because globs may be slow */

static bool seconds(int64_t ms)
{
    return ms >= 0 && ms <= DAY_MS;
}

static void check_fault(const struct fault *f)
{
    CHECK(f->kind > FAULT_NONE && f->kind <= FAULT_UNKNOWN);
    CHECK(f->path && f->symbol && f->body);
    CHECK(f->status >= 200 && f->status <= 599);
    CHECK(seconds(f->delay_ms) && seconds(f->from_ms) && seconds(f->until_ms));
    CHECK(f->after >= 0 && f->count >= 0);
    CHECK(f->probability >= 0 && f->probability <= 1);
    CHECK(f->seen == 0 && f->acted == 0);
}

/* False for globs with many stars, which take exponential time on long texts. */
static bool quick(const struct fault *f)
{
    int stars = 0;
    for (const char *c = f->path; *c; c++)
        stars += *c == '*' || *c == '(';
    for (const char *c = f->symbol; *c; c++)
        stars += *c == '*' || *c == '(';
    return stars < 8;
}

static void check_acting(const struct faults *faults, const struct fault *fault, int64_t now_ms)
{
    CHECK(fault >= faults->list && fault < faults->list + faults->count);
    CHECK(fault->acted > 0 && fault->acted <= fault->seen - fault->after);
    CHECK(fault->count == 0 || fault->acted <= fault->count);
    CHECK(fault->probability > 0);
    CHECK(now_ms >= fault->from_ms && (fault->until_ms == 0 || now_ms < fault->until_ms));
}

static void act(struct faults *faults)
{
    static const char *const paths[] = {"auth/getToken", "rest/marketdata/get", ""};
    static const char *const symbols[] = {"", "DLR/DIC26", "\xc3\xb3 [x"};
    static const int64_t moments[] = {0, 1, 999, 1500, DAY_MS, INT64_MAX};
    static const enum fault_place places[] = {FAULT_AT_REQUEST, FAULT_AT_UPGRADE, FAULT_AT_SMD,
                                              FAULT_AT_MD};
    struct rng rng = {1};
    for (size_t i = 0; i < faults->count; i++) {
        if (!quick(&faults->list[i]) || i >= MATCHED)
            return;
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (int n = 0; n < 12; n++) {
            const struct fault_target target = {places[(round + n) % 4], paths[n % 3], symbols,
                                                (size_t)n / 3};
            const struct fault *fault = faults_find(faults, &target, moments[round], &rng);
            if (fault)
                check_acting(faults, fault, moments[round]);
        }
    }
}

static void check_words(const struct err *err)
{
    CHECK(err->code < 0 && memchr(err->text, '\0', sizeof(err->text)));
    CHECK(strncmp(err->text, "f.conf:", 7) == 0);
}

static void check_the_next_file(void)
{
    static const char good[] = "fault { kind = \"slow\" delay = 0.5 }\n# end\n";
    struct faults faults;
    CHECK(faults_parse(good, sizeof(good) - 1, "good.conf", &faults, NULL) == 0);
    CHECK(faults.count == 1 && faults.list[0].kind == FAULT_SLOW && faults.list[0].delay_ms == 500);
    faults_finish(&faults);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct faults faults, before;
    struct err err = {0};
    memset(&faults, 0x55, sizeof(faults));
    before = faults;
    if (faults_parse((const char *)data, size, "f.conf", &faults, &err)) {
        CHECK(memcmp(&faults, &before, sizeof(faults)) == 0);
        check_words(&err);
    } else {
        CHECK(err.code == 0);
        for (size_t i = 0; i < faults.count; i++)
            check_fault(&faults.list[i]);
        act(&faults);
        faults_finish(&faults);
        CHECK(faults.count == 0 && !faults.list);
    }
    check_the_next_file();
    return 0;
}

/*
 * Runs a fuzz target without libFuzzer: on every file of the corpus, then on a fixed number of
 * mutations with a fixed seed, so that each test run uses the same inputs.
 *
 *   fuzz_WHAT CORPUS_FOLDER [MUTATIONS [SEED]]
 */
#include "base/rng.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 512
#define BYTES_MAX 65536
#ifndef MUTATIONS
#define MUTATIONS 20000
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct sample {
    uint8_t *data;
    size_t size;
};

static struct sample read_sample(const char *path)
{
    struct sample s = {malloc(BYTES_MAX), 0};
    FILE *file = fopen(path, "rb");
    if (!file || !s.data) {
        perror(path);
        exit(1);
    }
    s.size = fread(s.data, 1, BYTES_MAX, file);
    fclose(file);
    return s;
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static size_t read_corpus(const char *folder, struct sample *samples)
{
    struct dirent **entries;
    int n = scandir(folder, &entries, visible, alphasort);
    size_t count = 0;
    for (int i = 0; i < n; i++) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        if (count < FILES_MAX)
            samples[count++] = read_sample(path);
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
    return count;
}

/* A heap copy of the exact size, so that ASan detects a read past the end. */
static void run_one(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static size_t mutate(struct rng *rng, const struct sample *a, const struct sample *b, uint8_t *out)
{
    static const char *const words[] = {"null",    "[]",   "{}", "1e999", "NaN", "-0", "\"\"",
                                        "\\u0000", "[[[[", "}",  "\xff",  "\n",  "=",  "\"1.5\""};
    size_t size = a->size;
    memcpy(out, a->data, size);
    for (int64_t edits = 1 + rng_below(rng, 4); edits > 0; edits--) {
        size_t at = (size_t)rng_below(rng, (int64_t)size + 1);
        const char *word = words[rng_below(rng, sizeof(words) / sizeof(words[0]))];
        switch (rng_below(rng, 4)) {
        case 0:
            if (at < size)
                out[at] = (uint8_t)rng_next(rng);
            break;
        case 1:
            size = at; /* truncate */
            break;
        case 2: /* overwrite with a word */
            for (size_t i = 0; word[i] && at + i < size; i++)
                out[at + i] = (uint8_t)word[i];
            break;
        default: /* replace the tail by that of another sample */
            if (b->size && at < b->size) {
                size = b->size;
                memcpy(out + at, b->data + at, size - at);
            }
        }
    }
    return size;
}

int main(int argc, char **argv)
{
    static struct sample samples[FILES_MAX];
    static uint8_t out[BYTES_MAX];
    const long mutations = argc > 2 ? atol(argv[2]) : MUTATIONS;
    struct rng rng = {argc > 3 ? strtoull(argv[3], NULL, 10) : 42};
    size_t count = argc > 1 ? read_corpus(argv[1], samples) : 0;
    if (count == 0) {
        fprintf(stderr, "usage: %s CORPUS_FOLDER [MUTATIONS [SEED]] (with at least one file)\n",
                argv[0]);
        return 1;
    }
    for (size_t i = 0; i < count; i++)
        run_one(samples[i].data, samples[i].size);
    for (long i = 0; i < mutations; i++) {
        const struct sample *a = &samples[rng_below(&rng, (int64_t)count)];
        const struct sample *b = &samples[rng_below(&rng, (int64_t)count)];
        run_one(out, mutate(&rng, a, b, out));
    }
    for (size_t i = 0; i < count; i++)
        free(samples[i].data);
    printf("%zu files and %ld mutations\n", count, mutations);
    return 0;
}

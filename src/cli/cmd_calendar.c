#include "base/clock.h"
#include "cli/calendar_view.h"
#include "cli/commands.h"
#include "cli/common_options.h"

#include <stdio.h>

#define TEXT_BYTES (1024 * 1024)
#define AHEAD_DAYS 365

struct options {
    const char *config_path;
    int64_t year; /* 0 = from today on */
    bool json;
};

static const struct option_row options[] = {
    {OPTION_CONFIG(struct options, config_path)},
    {"year", 0, "YEAR", "the dates of this year; default: the next 365 days",
     OPTION_WHOLE(struct options, year, 1971, 2198)},
    {OPTION_JSON(struct options, json)},
    {0},
};

static int64_t first_day_of(int64_t year)
{
    char text[CLOCK_TEXT];
    int32_t day = 0;
    snprintf(text, sizeof(text), "%04d-01-01", (int)year);
    clock_parse_day(text, &day);
    return day;
}

static struct calendar_view view_of(const struct config *config, int64_t year)
{
    int64_t now_ns = clock_now().wall_ns;
    struct calendar_view view = {&config->sessions, now_ns, art_day(now_ns),
                                 art_day(now_ns) + AHEAD_DAYS};
    if (year) {
        view.from_day = first_day_of(year);
        view.till_day = first_day_of(year + 1) - 1;
    }
    return view;
}

static int run(const struct cmd *self, void *given)
{
    const struct options *o = given;
    struct config *config;
    struct buf out;
    int status = common_config(self, o->config_path, &config);
    if (status)
        return status;
    struct calendar_view view = view_of(config, o->year);
    buf_init(&out, TEXT_BYTES);
    (o->json ? calendar_view_json : calendar_view_table)(&out, &view);
    fputs(buf_text(&out), stdout);
    buf_finish(&out);
    config_free(config);
    return STATUS_OK;
}

const struct cmd cmd_calendar = {
    .name = "calendar",
    .usage = "[-c FILE] [--year YEAR] [--json]",
    .summary = "prints session hours, holidays and special sessions in force",
    .options = options,
    .notes = "Lists the days that differ from the usual week, in Argentine time. Banks are\n"
             "closed on some days that are no holiday of the markets; these are listed with\n"
             "their session, because BYMA trades on them without settlement or for fewer\n"
             "hours. When the market announces hours for such a day, add them to\n"
             "session.special.\n",
    .options_bytes = sizeof(struct options),
    .run = run,
};

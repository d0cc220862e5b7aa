#include "market/holidays.h"

#include "base/clock.h"

#include <stdlib.h>
#include <string.h>

#define DECEMBER_DAYS 31

// clang-format off
const struct holiday holidays[] = {
    {"2025-01-01", HOLIDAY_CLOSED,  "Año Nuevo"},
    {"2025-03-03", HOLIDAY_CLOSED,  "Carnaval"},
    {"2025-03-04", HOLIDAY_CLOSED,  "Carnaval"},
    {"2025-03-24", HOLIDAY_CLOSED,  "Día Nacional de la Memoria por la Verdad y la Justicia"},
    {"2025-04-02", HOLIDAY_CLOSED,  "Día del Veterano y de los Caídos en la Guerra de Malvinas"},
    {"2025-04-17", HOLIDAY_PARTIAL, "Jueves Santo"},
    {"2025-04-18", HOLIDAY_CLOSED,  "Viernes Santo"},
    {"2025-05-01", HOLIDAY_CLOSED,  "Día del Trabajador"},
    {"2025-05-02", HOLIDAY_PARTIAL, "Día no laborable con fines turísticos"},
    {"2025-06-16", HOLIDAY_CLOSED,  "Paso a la Inmortalidad del Gral. Güemes"},
    {"2025-06-20", HOLIDAY_CLOSED,  "Paso a la Inmortalidad del Gral. Belgrano"},
    {"2025-07-09", HOLIDAY_CLOSED,  "Día de la Independencia"},
    {"2025-08-15", HOLIDAY_PARTIAL, "Día no laborable con fines turísticos"},
    {"2025-10-10", HOLIDAY_CLOSED,  "Día del Respeto a la Diversidad Cultural"},
    {"2025-11-21", HOLIDAY_PARTIAL, "Día no laborable con fines turísticos"},
    {"2025-11-24", HOLIDAY_CLOSED,  "Día de la Soberanía Nacional"},
    {"2025-12-08", HOLIDAY_CLOSED,  "Inmaculada Concepción de María"},
    {"2025-12-24", HOLIDAY_PARTIAL, "Nochebuena"},
    {"2025-12-25", HOLIDAY_CLOSED,  "Navidad"},
    {"2025-12-31", HOLIDAY_CLOSED,  "Fin de año (aviso de BYMA)"},

    {"2026-01-01", HOLIDAY_CLOSED,  "Año Nuevo"},
    {"2026-02-16", HOLIDAY_CLOSED,  "Carnaval"},
    {"2026-02-17", HOLIDAY_CLOSED,  "Carnaval"},
    {"2026-03-23", HOLIDAY_PARTIAL, "Día no laborable con fines turísticos"},
    {"2026-03-24", HOLIDAY_CLOSED,  "Día Nacional de la Memoria por la Verdad y la Justicia"},
    {"2026-04-02", HOLIDAY_CLOSED,  "Día del Veterano y de los Caídos en la Guerra de Malvinas"},
    {"2026-04-03", HOLIDAY_CLOSED,  "Viernes Santo"},
    {"2026-05-01", HOLIDAY_CLOSED,  "Día del Trabajador"},
    {"2026-05-25", HOLIDAY_CLOSED,  "Día de la Revolución de Mayo"},
    {"2026-06-15", HOLIDAY_CLOSED,  "Paso a la Inmortalidad del Gral. Güemes"},
    {"2026-07-09", HOLIDAY_CLOSED,  "Día de la Independencia"},
    {"2026-07-10", HOLIDAY_PARTIAL, "Día no laborable con fines turísticos"},
    {"2026-08-17", HOLIDAY_CLOSED,  "Paso a la Inmortalidad del Gral. San Martín"},
    {"2026-10-12", HOLIDAY_CLOSED,  "Día del Respeto a la Diversidad Cultural"},
    {"2026-11-23", HOLIDAY_CLOSED,  "Día de la Soberanía Nacional"},
    {"2026-12-07", HOLIDAY_PARTIAL, "Día no laborable con fines turísticos"},
    {"2026-12-08", HOLIDAY_CLOSED,  "Inmaculada Concepción de María"},
    {"2026-12-24", HOLIDAY_PARTIAL, "Nochebuena"},
    {"2026-12-25", HOLIDAY_CLOSED,  "Navidad"},
    {"2026-12-31", HOLIDAY_PARTIAL, "Fin de año"},

    {"2027-01-01", HOLIDAY_CLOSED,  "Año Nuevo"},
    {"2027-02-08", HOLIDAY_CLOSED,  "Carnaval"},
    {"2027-02-09", HOLIDAY_CLOSED,  "Carnaval"},
    {"2027-03-24", HOLIDAY_CLOSED,  "Día Nacional de la Memoria por la Verdad y la Justicia"},
    {"2027-03-25", HOLIDAY_PARTIAL, "Jueves Santo"},
    {"2027-03-26", HOLIDAY_CLOSED,  "Viernes Santo"},
    {"2027-04-02", HOLIDAY_CLOSED,  "Día del Veterano y de los Caídos en la Guerra de Malvinas"},
    {"2027-05-25", HOLIDAY_CLOSED,  "Día de la Revolución de Mayo"},
    {"2027-06-21", HOLIDAY_CLOSED,  "Paso a la Inmortalidad del Gral. Güemes"},
    {"2027-07-09", HOLIDAY_CLOSED,  "Día de la Independencia"},
    {"2027-08-16", HOLIDAY_CLOSED,  "Paso a la Inmortalidad del Gral. San Martín"},
    {"2027-10-11", HOLIDAY_CLOSED,  "Día del Respeto a la Diversidad Cultural"},
    {"2027-12-08", HOLIDAY_CLOSED,  "Inmaculada Concepción de María"},
    {"2027-12-24", HOLIDAY_PARTIAL, "Nochebuena"},
    {"2027-12-31", HOLIDAY_PARTIAL, "Fin de año"},
};
// clang-format on

const size_t holidays_count = sizeof(holidays) / sizeof(holidays[0]);

static int by_date(const void *date, const void *row)
{
    return strcmp(date, ((const struct holiday *)row)->date);
}

const struct holiday *holiday_of(int64_t day)
{
    char date[CLOCK_TEXT];
    return bsearch(clock_day_text(date, day), holidays, holidays_count, sizeof(holidays[0]),
                   by_date);
}

int holidays_year(int64_t day)
{
    char date[CLOCK_TEXT];
    return atoi(clock_day_text(date, day));
}

int holidays_missing_year(int64_t day)
{
    int year = holidays_year(day + DECEMBER_DAYS); /* in December the next one */
    return year > HOLIDAYS_WHOLE_YEAR ? year : 0;
}

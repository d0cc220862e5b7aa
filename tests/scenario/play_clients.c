#include "place.h"
#include "play.h"
#include "virtual_clients.h"

static void wants(const struct args *args)
{
    play_need_service(args->play);
    clients_want(args->text, true);
}

static void is_refused(const struct args *args)
{
    play_need_service(args->play);
    clients_want(args->text, false);
}

static void asks(const struct args *args)
{
    play_need_service(args->play);
    clients_ask(args->text);
}

static void leaves(const struct args *args)
{
    clients_leave(args->text);
}

static void expect_told(const struct args *args)
{
    if (clients_refused() < args->a[0].least || clients_refused() > args->a[0].most)
        place_fail("%d clients were told that the broker refuses it", clients_refused());
}

const struct command play_clients_commands[] = {
    {"client wants: TEXT", wants},           {"client asks: TEXT", asks},
    {"client is refused: TEXT", is_refused}, {"client leaves: TEXT", leaves},
    {"expect told COUNT", expect_told},      {0},
};

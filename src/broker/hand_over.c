#include "broker/hand_over.h"

#include "broker/list_cache.h"
#include "files/run_lock.h"
#include "files/state_folder.h"

#include <unistd.h>

static int save(const struct config *config, const struct cached_token *token,
                const struct buf *list, struct err *err)
{
    int rc = 0;
    if (*token->token)
        rc = token_cache_save(config, token, err);
    if (rc == 0 && list->len_bytes)
        rc = list_cache_save(config, buf_text(list), list->len_bytes, err);
    return rc;
}

int hand_over(const struct config *config, const struct cached_token *token, const struct buf *list,
              struct err *err)
{
    int rc = state_folder_check(config->state_dir, err);
    if (rc)
        return rc;
    int lock = run_lock_take(config->state_dir, err);
    if (lock < 0)
        return lock;
    rc = save(config, token, list, err);
    close(lock);
    return rc;
}

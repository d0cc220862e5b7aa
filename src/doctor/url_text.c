#include "doctor/url_text.h"

#include "base/utf8.h"

#include <string.h>
#include <strings.h>

/* --- characters ------------------------------------------------------------------------------- */

static uint32_t code_point(const char *text, size_t len)
{
    const unsigned char *s = (const unsigned char *)text;
    switch (len) {
    case 2:
        return (uint32_t)(s[0] & 0x1f) << 6 | (s[1] & 0x3f);
    case 3:
        return (uint32_t)(s[0] & 0x0f) << 12 | (uint32_t)(s[1] & 0x3f) << 6 | (s[2] & 0x3f);
    case 4:
        return (uint32_t)(s[0] & 0x07) << 18 | (uint32_t)(s[1] & 0x3f) << 12 |
               (uint32_t)(s[2] & 0x3f) << 6 | (s[3] & 0x3f);
    default:
        return s[0];
    }
}

/* The ASCII character that is meant; '\0': none, it is invisible; -1: it is a letter of its own. */
static int meant(uint32_t code)
{
    static const struct {
        uint32_t from, to;
        int ascii;
    } rows[] = {
        {0xa0, 0xa0, ' '},      {0xab, 0xab, '"'},      {0xad, 0xad, '\0'},
        {0xbb, 0xbb, '"'},      {0x2000, 0x200a, ' '},  {0x200b, 0x200f, '\0'},
        {0x2010, 0x2015, '-'},  {0x2018, 0x201b, '\''}, {0x201c, 0x201f, '"'},
        {0x2028, 0x202e, '\0'}, {0x202f, 0x202f, ' '},  {0x2044, 0x2044, '/'},
        {0x2060, 0x206f, '\0'}, {0x2215, 0x2215, '/'},  {0x3000, 0x3000, ' '},
        {0x3002, 0x3002, '.'},  {0xfe00, 0xfe0f, '\0'}, {0xfeff, 0xfeff, '\0'},
        {0x2236, 0x2236, ':'},  {0xa789, 0xa789, ':'},  {0x2010, 0x2012, '-'},
    };
    if (code >= 0xff01 && code <= 0xff5e) /* full width */
        return (int)(code - 0xff01 + '!');
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (code >= rows[i].from && code <= rows[i].to)
            return rows[i].ascii;
    }
    return -1;
}

static void put(struct url_text *out, char c)
{
    if (out->len_bytes < URL_BYTES_MAX)
        out->url[out->len_bytes++] = c;
    else
        out->too_long = true;
}

static void put_ascii(struct url_text *out, char c)
{
    if (c == '\n' || c == '\r')
        out->broken = true; /* of blanks at the ends it is taken back */
    if (c == '\\') {
        out->backslashes = true;
        c = '/';
    }
    put(out, c);
}

/* One that is not ASCII: `len` 0: not UTF-8. */
static void put_unusual(struct url_text *out, const char *text, size_t len)
{
    uint32_t code = len ? code_point(text, len) : 0xfffd;
    int c = len ? meant(code) : -1;
    if (out->unusual_count++ == 0)
        out->unusual = code;
    if (c > 0)
        put_ascii(out, (char)c);
    for (size_t i = 0; c < 0 && i < (len ? len : 1); i++)
        put(out, text[i]);
}

static void copy(struct url_text *out, const char *pasted)
{
    size_t len = strlen(pasted), i = strspn(pasted, " \t\r\n");
    out->pasted_bytes = len;
    out->enclosed = i > 0;
    while (i < len && !out->too_long) {
        size_t step = utf8_sequence(pasted + i, len - i);
        if (step == 1)
            put_ascii(out, pasted[i]);
        else
            put_unusual(out, pasted + i, step);
        i += step ? step : 1;
    }
    out->url[out->len_bytes] = '\0';
}

/* --- what is around it ------------------------------------------------------------------------ */

#define ENCLOSING " \t\r\n\"'`<>()[]{},;"

static void drop(struct url_text *out, size_t from, size_t count)
{
    memmove(out->url + from, out->url + from + count, out->len_bytes - from - count + 1);
    out->len_bytes -= count;
}

static void cut(struct url_text *out, size_t len)
{
    out->len_bytes = len;
    out->url[len] = '\0';
}

/* The begin of the scheme, if there is text before it. */
static size_t begin_of(const char *text)
{
    static const char *const schemes[] = {"wss:", "ws:", "https:", "http:"};
    for (size_t i = 0; text[i]; i++) {
        bool word =
            i > 0 && strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", text[i - 1]);
        for (size_t s = 0; !word && s < sizeof(schemes) / sizeof(schemes[0]); s++) {
            size_t len = strlen(schemes[s]);
            if (strncasecmp(text + i, schemes[s], len) == 0 && text[i + len] == '/')
                return i;
        }
        if (strchr("?#", text[i])) /* a URL inside a parameter is not meant */
            return 0;
    }
    return 0;
}

/*
 * A blank may be a '+' of an id, which was decoded. What follows is more of the URL if another
 * parameter is in it, or if it looks like more of an id.
 */
static bool goes_on(const char *text)
{
    size_t word = strcspn(text, " \t\r\n\"'`<>"), line = strcspn(text, "\r\n\"'`<>");
    if (memmem(text, line, "session_id=", 11) || memmem(text, line, "conn_id=", 8))
        return true;
    if (memchr(text, '=', word) || memchr(text, '&', word))
        return true;
    return word >= 8 && strcspn(text, "0123456789") < word && !memchr(text, '.', word);
}

static size_t end_of(const char *text)
{
    size_t end = 0;
    for (;;) {
        end += strcspn(text + end, " \t\r\n\"'`<>");
        if (!text[end] || strchr("\"'`<>", text[end]))
            return end;
        size_t blanks = strspn(text + end, " \t\r\n");
        if (!text[end + blanks] || !(goes_on(text + end + blanks) || strpbrk(text + end, "\r\n")))
            return end;
        end += blanks;
    }
}

static void trim(struct url_text *out)
{
    size_t begin = strspn(out->url, ENCLOSING), len = out->len_bytes;
    while (len > begin && strchr(ENCLOSING, out->url[len - 1]))
        len--;
    if (len == out->len_bytes && begin == 0)
        return;
    out->enclosed = true;
    cut(out, len);
    drop(out, 0, begin < len ? begin : len);
}

/* Line breaks and other control characters, which the rest of the analysis need not know. */
static void remove_controls(struct url_text *out)
{
    size_t n = 0;
    out->broken = out->blank = false;
    for (size_t i = 0; i < out->len_bytes; i++) {
        unsigned char c = (unsigned char)out->url[i];
        out->broken |= c == '\n' || c == '\r';
        out->control |= (c < 0x20 && !strchr("\t\r\n", c)) || c == 0x7f;
        out->blank |= c == ' ' || c == '\t';
        if (c >= 0x20 && c != 0x7f)
            out->url[n++] = (char)c;
        else if (c == '\t')
            out->url[n++] = ' ';
    }
    cut(out, n);
}

void url_text_read(struct url_text *out, const char *pasted)
{
    memset(out, 0, sizeof(*out));
    copy(out, pasted);
    size_t begin = begin_of(out->url);
    if (begin) {
        out->text_before = strspn(out->url, ENCLOSING) < begin;
        out->enclosed |= !out->text_before;
        drop(out, 0, begin);
    }
    trim(out);
    size_t end = end_of(out->url);
    if (end < out->len_bytes) {
        out->text_after = strspn(out->url + end, ENCLOSING) < out->len_bytes - end;
        cut(out, end);
        trim(out);
    }
    remove_controls(out);
}

#include "store/read/extract_tables.h"

#include "store/packed.h"

// clang-format off

#define SNAPSHOT_COLUMNS                                                                           \
    "ts_recv, seq, source, changed, event_ago, last_ago, unit, bid_price, bid_size, offer_price, " \
    "offer_size, last_price, last_size, open_price, high_price, low_price, close_price, "          \
    "close_day, settlement_price, settlement_day, open_interest, trade_volume, nominal_volume, "   \
    "effective_volume, index_value, auction_price, bids, offers "

/* Smallest and largest time in a table clustered by instrument and time: two lookups each. */
#define ENDS(table, ts, columns) ENDS_FROM("?1", table, ts, columns)
#define ENDS_FROM(from, table, ts, columns)                                                        \
    "SELECT min(first), max(last) FROM ("                                                          \
    " SELECT (SELECT " ts " FROM " table " WHERE instrument_id = p.id AND " ts " >= " from " AND " ts " < ?2 ORDER BY " columns " LIMIT 1) AS first," \
    "        (SELECT " ts " FROM " table " WHERE instrument_id = p.id AND " ts " >= " from " AND " ts " < ?2 ORDER BY " columns " DESC LIMIT 1) AS last"  \
    "   FROM temp.picked p UNION ALL "

const struct extract_source extract_sources[EXTRACT_TABLES] = {
    [EXTRACT_SNAPSHOTS] = {
        .rows =
            "SELECT p.id AS instrument_id, " SNAPSHOT_COLUMNS
            "  FROM temp.picked p CROSS JOIN snapshot_history h"
            "    ON h.instrument_id = p.id AND h.ts_recv >= ?1 AND h.ts_recv < ?2"
            " WHERE h.seq > ?3 AND h.seq <= ?4 AND " SQL_NOT_MOVING("h") " "
            "UNION ALL "
            "SELECT p.id, " SNAPSHOT_COLUMNS
            "  FROM snapshot_recent r JOIN temp.picked p ON p.id = r.instrument_id"
            " WHERE r.seq > ?3 AND r.seq <= ?4 AND r.ts_recv >= ?1 AND r.ts_recv < ?2 "
            "ORDER BY 1, 2, 3",
        .span = ENDS("snapshot_history", "ts_recv", "ts_recv")
                "SELECT min(ts_recv), max(ts_recv) FROM snapshot_recent"
                " WHERE seq > ?3 AND seq <= ?4 AND ts_recv >= ?1 AND ts_recv < ?2)",
        .unit = 7,
        .columns_count = 34,
        .columns = {
            {"market", RULE_MARKET, 0, 0},
            {"symbol", RULE_SYMBOL, 0, 0},
            {"source", RULE_SOURCE, 3, 0},
            {"seen_time", RULE_TIME, 1, 0},
            {"recv_time", RULE_TIME, 1, 0},
            {"event_time", RULE_AGO_TIME, 5, 0},
            {"ts_seen", RULE_WHOLE, 1, 0},
            {"ts_recv", RULE_WHOLE, 1, 0},
            {"ts_event", RULE_AGO, 5, 0},
            {"seq", RULE_WHOLE, 2, 0},
            {"bid_price", RULE_UNITS_PRICE, 8, 0},
            {"bid_size", RULE_NUMBER, 9, 0},
            {"offer_price", RULE_UNITS_PRICE, 10, 0},
            {"offer_size", RULE_NUMBER, 11, 0},
            {"last_price", RULE_UNITS_PRICE, 12, 0},
            {"last_size", RULE_NUMBER, 13, 0},
            {"last_time", RULE_AGO_TIME, 6, 0},
            {"ts_last", RULE_AGO, 6, 0},
            {"open_price", RULE_UNITS_PRICE, 14, 0},
            {"high_price", RULE_UNITS_PRICE, 15, 0},
            {"low_price", RULE_UNITS_PRICE, 16, 0},
            {"close_price", RULE_UNITS_PRICE, 17, 0},
            {"settlement_price", RULE_UNITS_PRICE, 19, 0},
            {"open_interest", RULE_NUMBER, 21, 0},
            {"trade_volume", RULE_NUMBER, 22, 0},
            {"nominal_volume", RULE_NUMBER, 23, 0},
            {"effective_volume", RULE_UNITS, 24, 0},
            {"index_value", RULE_UNITS_PRICE, 25, 0},
            {"auction_price", RULE_UNITS_PRICE, 26, 0},
            {"bids", RULE_BIDS, 8, 27},
            {"offers", RULE_OFFERS, 10, 28},
            {"changed", RULE_CHANGED, 4, 0},
            {"close_date", RULE_DAY, 18, 0},
            {"settlement_date", RULE_DAY, 20, 0},
        },
    },
    [EXTRACT_TRADES] = {
        .rows =
            "SELECT p.id AS instrument_id, ts_event, seq, price, size, origin"
            "  FROM temp.picked p CROSS JOIN trade t"
            "    ON t.instrument_id = p.id AND t.ts_event >= ?1 AND t.ts_event < ?2"
            " WHERE iif(t.seq < 0, -t.seq > ?6 AND -t.seq <= ?7, t.seq <= ?4"
            "           AND (t.seq > ?3 OR (t.corrected > ?6 AND t.corrected <= ?7))) "
            "UNION ALL "
            "SELECT p.id, ts_event, seq, price, size, origin"
            "  FROM trade_recent r JOIN temp.picked p ON p.id = r.instrument_id"
            " WHERE r.ts_event >= ?1 AND r.ts_event < ?2 AND r.seq > ?3 AND r.seq <= ?4 "
            "ORDER BY 1, 2, 3",
        .span = ENDS("trade", "ts_event", "ts_event")
                "SELECT min(ts_event), max(ts_event) FROM trade_recent"
                " WHERE ts_event >= ?1 AND ts_event < ?2)",
        .unit = -1,
        .columns_count = 8,
        .columns = {
            {"market", RULE_MARKET, 0, 0},
            {"symbol", RULE_SYMBOL, 0, 0},
            {"event_time", RULE_TIME, 1, 0},
            {"ts_event", RULE_WHOLE, 1, 0},
            {"price", RULE_PRICE, 3, 0},
            {"size", RULE_NUMBER, 4, 0},
            {"origin", RULE_ORIGIN, 5, 0},
            {"seq", RULE_WHOLE, 2, 0},
        },
    },
    [EXTRACT_BARS] = {
        .rows =
            "SELECT p.id AS instrument_id, b.ts_minute, 0,"
            /* Without a trade: the neutral values of store/write/bars. */
            "       iif(b.trades OR r.trades, iif(r.ts_open < b.ts_open, r.open, b.open), NULL),"
            "       iif(b.trades OR r.trades, max(b.high, coalesce(r.high, b.high)), NULL),"
            "       iif(b.trades OR r.trades, min(b.low, coalesce(r.low, b.low)), NULL),"
            "       iif(b.trades OR r.trades, iif(r.ts_close >= b.ts_close, r.close, b.close), NULL),"
            "       coalesce(b.volume + r.volume, b.volume, r.volume),"
            "       b.trades + coalesce(r.trades, 0)"
            "  FROM temp.picked p CROSS JOIN bar_1m b"
            "    ON b.instrument_id = p.id AND b.ts_minute >= ?1 AND b.ts_minute < ?2"
            "  LEFT JOIN bar_recent r"
            "    ON r.instrument_id = b.instrument_id AND r.ts_minute = b.ts_minute"
            " WHERE iif(b.ts_minute >= ?8, b.trades OR r.trades,"
            "           b.last_seq > ?3 OR b.last_listed > ?6 OR r.last_seq > ?3) "
            "UNION ALL "
            "SELECT p.id, r.ts_minute, 0, r.open, r.high, r.low, r.close, r.volume, r.trades"
            "  FROM bar_recent r JOIN temp.picked p ON p.id = r.instrument_id"
            " WHERE r.ts_minute >= ?1 AND r.ts_minute < ?2"
            "   AND (r.ts_minute >= ?8 OR r.last_seq > ?3)"
            "   AND NOT EXISTS (SELECT 1 FROM bar_1m b WHERE b.instrument_id = r.instrument_id"
            "                      AND b.ts_minute = r.ts_minute) "
            "ORDER BY 1, 2",
        /* Reads all earlier bars, so that only the days with changed ones are exported again. */
        .span = ENDS_FROM("max(?1, ?8)", "bar_1m", "ts_minute", "ts_minute")
                "SELECT min(ts_minute), max(ts_minute)"
                "  FROM temp.picked p CROSS JOIN bar_1m b"
                "    ON b.instrument_id = p.id AND ts_minute >= ?1 AND ts_minute < min(?2, ?8)"
                " WHERE last_seq > ?3 OR last_listed > ?6 "
                "UNION ALL "
                "SELECT min(ts_minute), max(ts_minute) FROM bar_recent"
                " WHERE ts_minute >= ?1 AND ts_minute < ?2 AND (ts_minute >= ?8 OR last_seq > ?3))",
        .unit = -1,
        .columns_count = 10,
        .columns = {
            {"market", RULE_MARKET, 0, 0},
            {"symbol", RULE_SYMBOL, 0, 0},
            {"minute", RULE_MINUTE, 1, 0},
            {"ts_minute", RULE_WHOLE, 1, 0},
            {"open", RULE_PRICE, 3, 0},
            {"high", RULE_PRICE, 4, 0},
            {"low", RULE_PRICE, 5, 0},
            {"close", RULE_PRICE, 6, 0},
            {"volume", RULE_NUMBER, 7, 0},
            {"trades", RULE_WHOLE, 8, 0},
        },
    },
    [EXTRACT_EVENTS] = {
        .rows =
            "SELECT 0, e.ts, e.id, e.kind, e.symbol, e.detail, k.meaning, e.recorder"
            "  FROM feed_event e LEFT JOIN event_kind k ON k.kind = e.kind"
            " WHERE e.ts >= ?1 AND e.ts < ?2 AND e.id > ?3 AND e.id <= ?4"
            " ORDER BY e.ts, e.id",
        .span = "SELECT min(ts), max(ts) FROM feed_event"
                " WHERE id > ?3 AND id <= ?4 AND ts >= ?1 AND ts < ?2",
        .unit = -1,
        .columns_count = 7,
        .columns = {
            {"time", RULE_TIME, 1, 0},
            {"ts", RULE_WHOLE, 1, 0},
            {"kind", RULE_TEXT, 3, 0},
            {"symbol", RULE_TEXT, 4, 0},
            {"detail", RULE_TEXT, 5, 0},
            {"meaning", RULE_TEXT, 6, 0},
            {"recorder", RULE_TEXT, 7, 0},
        },
    },
    [EXTRACT_COVERAGE] = {
        .rows =
            "SELECT p.id AS instrument_id, ts_from, 0, ts_to, source, reason"
            "  FROM temp.picked p CROSS JOIN coverage_closed c"
            "    ON c.instrument_id = p.id AND c.ts_from >= ?1 AND c.ts_from < ?2"
            " WHERE c.ts_to > ?5 OR c.ts_from >= ?5 "
            "UNION ALL "
            "SELECT p.id, ts_from, 0, ts_to, source, NULL"
            "  FROM coverage_present c JOIN temp.picked p ON p.id = c.instrument_id"
            " WHERE c.ts_from >= ?1 AND c.ts_from < ?2 AND (c.ts_to > ?5 OR c.ts_from >= ?5) "
            "ORDER BY 1, 2",
        .span = ENDS("coverage_closed", "ts_from", "ts_from")
                "SELECT min(ts_from), max(ts_from) FROM coverage_open"
                " WHERE ts_from >= ?1 AND ts_from < ?2)",
        .unit = -1,
        .columns_count = 8,
        .columns = {
            {"market", RULE_MARKET, 0, 0},
            {"symbol", RULE_SYMBOL, 0, 0},
            {"from_time", RULE_TIME, 1, 0},
            {"to_time", RULE_TIME, 3, 0},
            {"ts_from", RULE_WHOLE, 1, 0},
            {"ts_to", RULE_WHOLE, 3, 0},
            {"source", RULE_SOURCE, 4, 0},
            {"reason", RULE_TEXT, 5, 0},
        },
    },
};
// clang-format on

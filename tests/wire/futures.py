"""The dollar futures that the simulator lists today, by maturity; they follow the date (src/sim/universe.c).

A future is listed until the last weekday of its month, in Argentina. The second and the third therefore stay listed for
a month after the beginning of a test, also when it runs over the midnight at which the first expires.
"""
import calendar
import datetime

MONTHS = ("ENE", "FEB", "MAR", "ABR", "MAY", "JUN", "JUL", "AGO", "SEP", "OCT", "NOV", "DIC")
ART = datetime.timezone(datetime.timedelta(hours=-3))


def last_weekday(year, month):
    day = datetime.date(year, month, calendar.monthrange(year, month)[1])
    return day - datetime.timedelta(days=max(0, day.weekday() - 4))


def maturities(count, today=None):
    """The dates at which the next futures expire, the nearest first."""
    today = today or datetime.datetime.now(ART).date()
    month = today.year * 12 + today.month - 1
    if today > last_weekday(today.year, today.month):
        month += 1
    return [last_weekday((month + nth) // 12, (month + nth) % 12 + 1) for nth in range(count)]


def month_text(maturity):
    """DIC26"""
    return f"{MONTHS[maturity.month - 1]}{maturity.year % 100:02}"


SECOND, THIRD = (f"DLR/{month_text(maturity)}" for maturity in maturities(3)[1:])
MONTH = SECOND[4:7]  # no other of the next 12 has it

#include "net/tcp_state.h"

#include <linux/sockios.h>
#include <linux/tcp.h> /* the one of the C library ends before tcpi_bytes_acked */
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static int read_info(int fd, struct tcp_info *info)
{
    socklen_t len = sizeof(*info);
    memset(info, 0, sizeof(*info));
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, info, &len);
}

int64_t tcp_idle_ms(int fd)
{
    struct tcp_info info;
    return read_info(fd, &info) ? 0 : info.tcpi_last_data_recv;
}

/* A Unix socket has no such counter: the number of bytes that the peer has not read must do. */
int64_t tcp_progress(int fd)
{
    struct tcp_info info;
    int unread = 0;
    if (read_info(fd, &info) == 0)
        return (int64_t)info.tcpi_bytes_acked;
    return ioctl(fd, SIOCOUTQ, &unread) ? 0 : unread;
}

// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import dev.jvisor.net.inet.core.NetTimer;
import dev.jvisor.net.inet.ip.IpAddress;

/**
 * What the tables in procfs and sock_diag(7) tell of a TCP socket.
 *
 * @param state {@code TCP_*}
 * @param receiveQueue bytes to be read; of a listener: connections to be accepted
 * @param sendQueue bytes not acknowledged; of a listener: the backlog
 * @param inode 0 if no guest has it
 * @param timerNanos when the retransmission timer expires, NetTimer.NEVER if it is off
 */
public record TcpRow(
        IpAddress local,
        int localPort,
        IpAddress remote,
        int remotePort,
        int state,
        int receiveQueue,
        int sendQueue,
        int backlog,
        int userId,
        long inode,
        boolean isV6Only,
        int shutdown,
        long timerNanos) {

    static TcpRow of(TcpTuple t, int state) {
        return new TcpRow(
                t.local(),
                t.localPort(),
                t.remote(),
                t.remotePort(),
                state,
                0,
                0,
                0,
                0,
                0,
                false,
                0,
                NetTimer.NEVER);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Socket;
import dev.jvisor.platform.host.HostFiles;
import dev.jvisor.platform.host.HostSockets;

/**
 * Starts gofers inside this process. The only place that opens a host path; for {@code runsc}, at
 * start.
 */
public final class LocalGofer {

    private LocalGofer() {}

    /**
     * A gofer that answers on the caller's thread. The choice as long as both are one process.
     *
     * @param hostPath the tree on the host: a directory, or a single file
     * @throws ErrnoException if it cannot be opened
     */
    public static Transport direct(String hostPath, boolean readOnly) throws ErrnoException {
        return new DirectTransport(server(-1, hostPath, readOnly));
    }

    /** A gofer on a thread of its own behind a socket pair, as it will be as a process. */
    public static Transport threaded(String hostPath, boolean readOnly) throws ErrnoException {
        int[] pair = HostSockets.pair(Socket.SOCK_SEQPACKET);
        GoferServer server;
        try {
            server = server(pair[1], hostPath, readOnly);
        } catch (ErrnoException e) {
            HostFiles.close(pair[0]);
            HostFiles.close(pair[1]);
            throw e;
        }
        Thread thread = new Thread(null, server, "gofer", 256 * 1024);
        thread.setDaemon(true);
        thread.start();
        return new SocketTransport(pair[0]);
    }

    private static GoferServer server(int socket, String hostPath, boolean readOnly)
            throws ErrnoException {
        int root = HostFiles.open(hostPath, Fcntl.O_PATH);
        try {
            return new GoferServer(socket, root, readOnly);
        } catch (ErrnoException e) {
            HostFiles.close(root);
            throw e;
        }
    }
}

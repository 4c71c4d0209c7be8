// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.socket;

import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** Makes the sockets of an address family in one namespace (Linux: {@code net_proto_family}). */
public abstract class SocketFamily {

    /** Two sockets that are connected to each other. */
    public record Pair(Socket first, Socket second) {}

    /**
     * socket(2).
     *
     * @param type {@code SOCK_STREAM}, … without flags
     * @param protocol as the caller gave it, not negative
     * @return a socket with one reference, O_NONBLOCK not set
     * @throws ErrnoException ESOCKTNOSUPPORT, EPROTONOSUPPORT, EPROTOTYPE, EPERM, ENFILE, …
     */
    public abstract Socket create(CallContext context, int type, int protocol)
            throws ErrnoException;

    /** socketpair(2); EOPNOTSUPP where the family has none. */
    public Pair createPair(CallContext context, int type, int protocol) throws ErrnoException {
        Socket first = create(context, type, protocol);
        first.release();
        throw Errno.EOPNOTSUPP.exception();
    }

    /**
     * Writes one of its tables in {@code /proc/net}.
     *
     * @return false if it is not one of its own
     */
    public boolean writeTable(String name, TextBuffer out) {
        return false;
    }
}

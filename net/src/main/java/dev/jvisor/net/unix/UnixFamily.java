// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.unix;

import static dev.jvisor.platform.abi.Socket.SOCK_DGRAM;
import static dev.jvisor.platform.abi.Socket.SOCK_RAW;
import static dev.jvisor.platform.abi.Socket.SOCK_SEQPACKET;
import static dev.jvisor.platform.abi.Socket.SOCK_STREAM;

import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.net.socket.NetNamespace;
import dev.jvisor.net.socket.SocketFamily;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Socket;
import dev.jvisor.platform.abi.StatMode;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Random;

/** AF_UNIX in one network namespace: its abstract names, and which sockets there are. */
public final class UnixFamily extends SocketFamily {

    private static final int NAMES_AUTOMATIC = 1 << 20;
    private static final int MAY_WRITE = 2;

    private final NetNamespace net;
    private final Random random = new Random();

    /** Abstract names; sockets of different types do not see each other's. Guarded by itself. */
    private final HashMap<Name, UnixSocket> names = new HashMap<>();

    /** All sockets, linked; guarded by names. */
    private @Nullable UnixSocket newest;

    private record Name(int type, String name) {}

    public UnixFamily(NetNamespace net) {
        this.net = net;
    }

    NetNamespace net() {
        return net;
    }

    /** ESOCKTNOSUPPORT for another type; EPROTONOSUPPORT. SOCK_RAW is SOCK_DGRAM. */
    @Override
    public UnixSocket create(CallContext context, int type, int protocol) throws ErrnoException {
        if (protocol != 0 && protocol != Socket.AF_UNIX) {
            throw Errno.EPROTONOSUPPORT.exception();
        }
        return switch (type) {
            case SOCK_STREAM -> new StreamSocket(context, this);
            case SOCK_SEQPACKET -> new SeqpacketSocket(context, this);
            case SOCK_DGRAM, SOCK_RAW -> new DatagramSocket(context, this);
            default -> throw Errno.ESOCKTNOSUPPORT.exception();
        };
    }

    @Override
    public Pair createPair(CallContext context, int type, int protocol) throws ErrnoException {
        UnixSocket first = create(context, type, protocol);
        UnixSocket second = create(context, type, protocol);
        UnixSocket.pair(context, first, second);
        return new Pair(first, second);
    }

    void add(UnixSocket socket) {
        synchronized (names) {
            socket.older = newest;
            if (newest != null) {
                newest.newer = socket;
            }
            newest = socket;
        }
    }

    void remove(UnixSocket socket) {
        synchronized (names) {
            UnixSocket before = socket.newer;
            UnixSocket after = socket.older;
            if (before == null) {
                newest = after;
            } else {
                before.older = after;
            }
            if (after != null) {
                after.newer = before;
            }
            socket.newer = null;
            socket.older = null;
        }
    }

    /** Takes an abstract name; EADDRINUSE. */
    void addName(UnixAddress address, UnixSocket socket) throws ErrnoException {
        synchronized (names) {
            Name name = new Name(socket.type(), address.abstractName());
            if (names.putIfAbsent(name, socket) != null) {
                throw Errno.EADDRINUSE.exception();
            }
        }
    }

    void removeName(UnixAddress address, UnixSocket socket) {
        synchronized (names) {
            names.remove(new Name(socket.type(), address.abstractName()), socket);
        }
    }

    /** Takes an abstract name of five digits that is free; ENOSPC. */
    UnixAddress addAutomaticName(UnixSocket socket) throws ErrnoException {
        synchronized (names) {
            int begin = random.nextInt(NAMES_AUTOMATIC);
            for (int i = 0; i < NAMES_AUTOMATIC; i++) {
                UnixAddress address = UnixAddress.automatic((begin + i) & NAMES_AUTOMATIC - 1);
                Name name = new Name(socket.type(), address.abstractName());
                if (names.putIfAbsent(name, socket) == null) {
                    return address;
                }
            }
        }
        throw Errno.ENOSPC.exception();
    }

    /**
     * Finds the socket that has a name.
     *
     * @throws ErrnoException what the path walk says; EACCES without write permission; ECONNREFUSED
     *     if nobody has the name (any more); EPROTOTYPE for a file's socket of another type
     */
    UnixSocket find(CallContext context, UnixAddress address, int type) throws ErrnoException {
        if (address.isAbstract()) {
            UnixSocket found;
            synchronized (names) {
                found = names.get(new Name(type, address.abstractName()));
            }
            if (found == null) {
                throw Errno.ECONNREFUSED.exception();
            }
            return found;
        }
        Inode inode = Vfs.resolve(context, null, address.path(), 0).dentry().inode();
        Vfs.checkPermission(context, inode, MAY_WRITE);
        boolean isSocket = (inode.mode() & StatMode.S_IFMT) == StatMode.S_IFSOCK;
        if (!isSocket || !(inode.specialOrNull() instanceof UnixSocket found)) {
            throw Errno.ECONNREFUSED.exception();
        }
        if (found.type() != type) {
            throw Errno.EPROTOTYPE.exception();
        }
        return found;
    }

    /** {@code /proc/net/unix}. */
    @Override
    public boolean writeTable(String name, TextBuffer out) {
        if (!name.equals("unix")) {
            return false;
        }
        out.add("Num       RefCount Protocol Flags    Type St Inode Path\n");
        synchronized (names) {
            for (UnixSocket s = newest; s != null; s = s.older) {
                s.describe(out);
            }
        }
        return true;
    }
}

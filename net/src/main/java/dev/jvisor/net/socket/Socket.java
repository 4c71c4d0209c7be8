// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.socket;

import dev.jvisor.fs.anon.AnonymousInode;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Ioctls;
import dev.jvisor.platform.abi.Signals;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/**
 * A socket (Linux: {@code struct socket} and {@code struct sock}).
 *
 * <p>Nothing blocks; the package says how callers wait. Socket addresses are byte arrays that begin
 * with the family and are at most 128 bytes long ({@code sockaddr_storage}); a family checks the
 * rest. Operations that a kind of socket does not have answer EOPNOTSUPP, as Linux's
 * {@code sock_no_*}.
 */
public abstract class Socket extends FileDescription {

    /** Bytes of {@code struct sockaddr_storage}. */
    public static final int ADDRESS_BYTES_MAX = 128;

    private final NetNamespace net;
    private final int family;
    private final int type;
    private final int protocol;
    private final SocketOptions options = new SocketOptions(this);

    /** Pending SO_ERROR; guarded by errorLock. */
    private @Nullable Errno error;

    private final Object errorLock = new Object();

    /**
     * Makes one with one reference.
     *
     * @param context who makes or accepts it: owns the inode
     */
    protected Socket(CallContext context, NetNamespace net, int family, int type, int protocol) {
        super(Sockfs.newPlace(context), Fcntl.O_RDWR);
        this.net = net;
        this.family = family;
        this.type = type;
        this.protocol = protocol;
    }

    public final NetNamespace net() {
        return net;
    }

    /** {@code AF_*}. */
    public final int family() {
        return family;
    }

    /** {@code SOCK_*} without flags. */
    public final int type() {
        return type;
    }

    public final int protocol() {
        return protocol;
    }

    /** What every socket remembers of setsockopt(2). */
    public final SocketOptions options() {
        return options;
    }

    @Override
    public final Inode inode() {
        return place().dentry().inode();
    }

    /** Number of the inode, which tables in procfs tell. */
    public final long inodeNumber() {
        return ((AnonymousInode) inode()).number();
    }

    private VfsPath place() {
        return Objects.requireNonNull(path());
    }

    /** The queue of all its events. */
    @Override
    public abstract WaitQueue waitQueue();

    // Addresses and connections.

    /** bind(2). */
    public abstract void bind(CallContext context, byte[] address) throws ErrnoException;

    /**
     * connect(2). AF_UNSPEC undoes one where the protocol knows that.
     *
     * @param call gets a wait point with EAGAIN (the peer's backlog is full)
     * @throws ErrnoException EINPROGRESS: it has been begun; EALREADY: so it had been before; then
     *     {@link #finishConnect} tells when POLLOUT comes
     */
    public abstract void connect(CallContext context, byte[] address, SocketCall call)
            throws ErrnoException;

    /**
     * What has become of a connection under way.
     *
     * @throws ErrnoException EINPROGRESS if it is still under way, or why it failed
     */
    public void finishConnect(CallContext context) throws ErrnoException {}

    /** listen(2). {@code backlog} is between 0 and somaxconn. */
    public void listen(CallContext context, int backlog) throws ErrnoException {
        throw Errno.EOPNOTSUPP.exception();
    }

    /**
     * accept(2): the new socket with one reference, O_NONBLOCK not set.
     *
     * @throws ErrnoException EAGAIN while there is none; EINVAL if it does not listen
     */
    public Socket accept(CallContext context) throws ErrnoException {
        throw Errno.EOPNOTSUPP.exception();
    }

    /** getsockname(2). */
    public abstract byte[] localAddress(CallContext context) throws ErrnoException;

    /** getpeername(2), and the address that accept(2) tells; ENOTCONN. */
    public abstract byte[] peerAddress(CallContext context) throws ErrnoException;

    /** shutdown(2). {@code how} is SHUT_RD, SHUT_WR or SHUT_RDWR. */
    public void shutdown(CallContext context, int how) throws ErrnoException {
        throw Errno.EOPNOTSUPP.exception();
    }

    // Messages.

    /**
     * Decodes control messages and checks whether they may be sent; called once, before the first
     * {@link #send} of a call whose {@link SocketMessage#control} is not empty. Default: they are
     * not looked at.
     *
     * @throws ErrnoException EINVAL, EBADF, EPERM, ETOOMANYREFS, …
     */
    public void prepareSend(CallContext context, SocketMessage message) throws ErrnoException {}

    /**
     * Sends a message, or as much of a stream as there is room for; the iterator follows.
     *
     * @return bytes taken; less than all only from a stream
     */
    public abstract long send(CallContext context, SocketMessage message) throws ErrnoException;

    /**
     * Receives what is there; the iterator follows (with MSG_PEEK too). Sets address, control
     * messages, files and flags of the message.
     *
     * @return bytes, 0 at the end of a stream; with MSG_TRUNC a datagram's real length
     */
    public abstract long receive(CallContext context, SocketMessage message) throws ErrnoException;

    @Override
    public final long readAt(CallContext context, IovIter destination, long offset)
            throws ErrnoException {
        SocketMessage message = new SocketMessage(destination, 0);
        try {
            return receive(context, message);
        } finally {
            message.release();
        }
    }

    @Override
    public final long writeAt(CallContext context, IovIter source, long offset)
            throws ErrnoException {
        return send(context, new SocketMessage(source, 0));
    }

    /** What to throw where nothing can be sent any more: sends SIGPIPE unless told not to. */
    protected static ErrnoException brokenPipe(CallContext context, SocketMessage message) {
        boolean silent = message.has(dev.jvisor.platform.abi.Socket.MSG_NOSIGNAL);
        if (!silent && message.transferred == 0) {
            context.raise(Signals.SIGPIPE);
        }
        return Errno.EPIPE.exception();
    }

    // The pending error.

    /** Sets SO_ERROR; the caller announces POLLERR. */
    protected final void setError(@Nullable Errno error) {
        synchronized (errorLock) {
            this.error = error;
        }
    }

    /** Keeps the error of a call that had a result already for the next one (recvmmsg). */
    public final void keepError(Errno error) {
        if (error != Errno.EAGAIN) {
            setError(error);
        }
    }

    /** Whether an error is pending (POLLERR). */
    public final boolean hasError() {
        synchronized (errorLock) {
            return error != null;
        }
    }

    /** Returns SO_ERROR and clears it (Linux: sock_error). */
    public @Nullable Errno takeError() {
        synchronized (errorLock) {
            Errno e = error;
            error = null;
            return e;
        }
    }

    /** Throws the pending error and clears it, unless the call's result is certain already. */
    protected final void throwError(SocketCall call) throws ErrnoException {
        if (call.transferred == 0) {
            Errno e = takeError();
            if (e != null) {
                throw e.exception();
            }
        }
    }

    // Options.

    /**
     * setsockopt(2). An override serves its own levels and leaves SOL_SOCKET to this one.
     *
     * @throws ErrnoException ENOPROTOOPT for an unknown option, EINVAL, EDOM, EPERM, EFAULT, …
     */
    public void setOption(CallContext context, int level, int name, OptionValue value)
            throws ErrnoException {
        if (level != dev.jvisor.platform.abi.Socket.SOL_SOCKET) {
            throw Errno.EOPNOTSUPP.exception();
        }
        options.set(context, name, value);
    }

    /**
     * getsockopt(2).
     *
     * @param capacity bytes that the caller has room for: a longer value is cut by the caller
     * @return the value
     */
    public byte[] getOption(CallContext context, int level, int name, int capacity)
            throws ErrnoException {
        if (level != dev.jvisor.platform.abi.Socket.SOL_SOCKET) {
            throw Errno.EOPNOTSUPP.exception();
        }
        return options.get(context, name, capacity);
    }

    /** An option of SOL_SOCKET has a new value: a protocol that acts on it overrides this. */
    protected void optionChanged(int name) {}

    /** Whether it listens (SO_ACCEPTCONN). */
    public boolean isListening() {
        return false;
    }

    /** SO_PEERCRED; null if there is none. */
    public @Nullable PeerIdentity peer() {
        return null;
    }

    /** Whether it can pass descriptors and credentials: SO_PASSCRED exists. */
    public boolean passesCredentials() {
        return false;
    }

    /** Whether SO_PEEK_OFF exists. */
    public boolean hasPeekOffset() {
        return false;
    }

    /**
     * ioctl(2): bytes to read and bytes not yet taken are the socket's, all else the network
     * devices'.
     */
    @Override
    public long ioctl(CallContext context, int command, long argument) throws ErrnoException {
        switch (command) {
            case Ioctls.FIONREAD -> {
                context.memory().putInt(argument, readableBytes(context));
                return 0;
            }
            case Ioctls.TIOCOUTQ -> {
                context.memory().putInt(argument, unsentBytes(context));
                return 0;
            }
            default -> {
                return net.ioctl(context, command, argument);
            }
        }
    }

    /** SIOCINQ. */
    protected int readableBytes(CallContext context) throws ErrnoException {
        throw Errno.EOPNOTSUPP.exception();
    }

    /** SIOCOUTQ. */
    protected int unsentBytes(CallContext context) throws ErrnoException {
        throw Errno.EOPNOTSUPP.exception();
    }
}

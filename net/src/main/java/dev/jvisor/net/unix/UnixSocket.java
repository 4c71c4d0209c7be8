// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.unix;

import static dev.jvisor.platform.abi.Socket.SCM_CREDENTIALS;
import static dev.jvisor.platform.abi.Socket.SOL_SOCKET;
import static dev.jvisor.platform.abi.Socket.SO_PASSCRED;

import dev.jvisor.fs.anon.AnonymousInode;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.fs.vfs.Vfs;
import dev.jvisor.fs.vfs.VfsPath;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.net.socket.PeerIdentity;
import dev.jvisor.net.socket.Socket;
import dev.jvisor.net.socket.SocketCall;
import dev.jvisor.net.socket.SocketMessage;
import dev.jvisor.net.socket.SocketOptions;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Poll;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** What all UNIX sockets have: a name, a peer, a queue, and an account of what they have sent. */
abstract class UnixSocket extends Socket {

    /** Linux's sk_state, as far as AF_UNIX uses it. */
    enum State {
        CLOSE,
        ESTABLISHED,
        LISTEN
    }

    /** RCV_SHUTDOWN and SEND_SHUTDOWN of net/sock.h. */
    static final int SHUT_RECEIVE = 1;

    static final int SHUT_SEND = 2;
    static final int SHUT_BOTH = SHUT_RECEIVE | SHUT_SEND;

    static final int READABLE = Poll.POLLIN | Poll.POLLRDNORM;
    static final int WRITABLE = Poll.POLLOUT | Poll.POLLWRNORM | Poll.POLLWRBAND;
    static final int ANY = READABLE | WRITABLE | Poll.POLLHUP | Poll.EPOLLRDHUP | Poll.POLLERR;

    /** What nobody else may be told: who wrote a message before the reader asked for it. */
    private static final int OVERFLOW_ID = 65534;

    /** Guards connections: state, peer, shut, dead of every socket change under it. */
    static final Object STATE = new Object();

    final UnixFamily home;
    final ReceiveQueue received = new ReceiveQueue();
    final Object readLock = new Object();

    /** Told when {@link #received} (or a listener's backlog) has room again. */
    final WaitQueue roomQueue = new WaitQueue();

    private final WaitQueue queue = new WaitQueue();

    /** Cost of messages sent and not yet received (Linux: sk_wmem_alloc). */
    private final AtomicInteger charged = new AtomicInteger();

    volatile State state = State.CLOSE;
    volatile int shut;
    volatile boolean dead;
    volatile @Nullable UnixSocket peer;

    /** Who the peer is, or while it listens who listens. */
    volatile @Nullable PeerIdentity identity;

    private final Object bindLock = new Object();

    /** Its name, or that of the listener that accepted it. */
    volatile @Nullable UnixAddress address;

    /** Where the name is, if it is this socket's own. Guarded by bindLock. */
    private @Nullable Inode boundInode;

    /** Keeps the dentry, and with it the inode, as it is. Guarded by bindLock. */
    private @Nullable VfsPath boundPlace;

    private boolean ownsName; // guarded by bindLock

    /** Links of the family's list. */
    @Nullable
    UnixSocket older;

    @Nullable
    UnixSocket newer;

    UnixSocket(CallContext context, UnixFamily home, int type) {
        super(context, home.net(), dev.jvisor.platform.abi.Socket.AF_UNIX, type, 0);
        this.home = home;
        home.add(this);
    }

    static void pair(CallContext context, UnixSocket first, UnixSocket second) {
        PeerIdentity who = PeerIdentity.of(context);
        synchronized (STATE) {
            first.peer = second;
            second.peer = first;
            first.identity = who;
            second.identity = who;
            first.state = State.ESTABLISHED;
            second.state = State.ESTABLISHED;
        }
    }

    @Override
    public final WaitQueue waitQueue() {
        return queue;
    }

    @Override
    public final @Nullable PeerIdentity peer() {
        return identity;
    }

    @Override
    public final boolean passesCredentials() {
        return true;
    }

    @Override
    public final boolean hasPeekOffset() {
        return true;
    }

    // Names.

    /**
     * bind(2). Errors: EINVAL for the address or if it has a name; EADDRINUSE; for a path those of
     * mknod(2).
     */
    @Override
    public final void bind(CallContext context, byte[] wanted) throws ErrnoException {
        if (UnixAddress.asksForName(wanted)) {
            bindAutomatically();
            return;
        }
        UnixAddress name = UnixAddress.parse(wanted);
        synchronized (bindLock) {
            if (address != null) {
                throw (isTaken(context, name) ? Errno.EADDRINUSE : Errno.EINVAL).exception();
            }
            if (name.isAbstract()) {
                home.addName(name, this);
            } else {
                bindToPath(context, name.path());
            }
            ownsName = true;
            address = name;
        }
    }

    /** A name is looked for before the socket is: the second bind to a path tells of the path. */
    private static boolean isTaken(CallContext context, UnixAddress name) {
        if (name.isAbstract()) {
            return false;
        }
        try {
            Vfs.resolve(context, null, name.path(), Fcntl.AT_SYMLINK_NOFOLLOW);
            return true;
        } catch (ErrnoException e) {
            return false;
        }
    }

    private void bindToPath(CallContext context, String path) throws ErrnoException {
        try {
            boundInode = Vfs.bindSocket(context, null, path, inode().mode() & 07777, this);
        } catch (ErrnoException e) {
            throw e.errno == Errno.EEXIST ? Errno.EADDRINUSE.exception() : e;
        }
        try {
            boundPlace = Vfs.resolve(context, null, path, Fcntl.AT_SYMLINK_NOFOLLOW);
        } catch (ErrnoException e) {
            boundPlace = null; // it is gone already: nobody will find it
        }
    }

    /** Takes an abstract name unless it has one. */
    final void bindAutomatically() throws ErrnoException {
        synchronized (bindLock) {
            if (address == null) {
                address = home.addAutomaticName(this);
                ownsName = true;
            }
        }
    }

    /** A socket that passes credentials has a name, so that it can be answered. */
    final void bindIfPassing() throws ErrnoException {
        if (address == null && options().isOn(SO_PASSCRED)) {
            bindAutomatically();
        }
    }

    private void unbind() {
        synchronized (bindLock) {
            UnixAddress name = address;
            if (ownsName && name != null && name.isAbstract()) {
                home.removeName(name, this);
            }
            Inode inode = boundInode;
            if (inode != null && inode.specialOrNull() == this) {
                inode.setSpecial(null);
            }
            boundInode = null;
            boundPlace = null;
        }
    }

    @Override
    public final byte[] localAddress(CallContext context) {
        return UnixAddress.bytesOf(address);
    }

    @Override
    public final byte[] peerAddress(CallContext context) throws ErrnoException {
        UnixSocket other = peer;
        if (other == null) {
            throw Errno.ENOTCONN.exception();
        }
        return UnixAddress.bytesOf(other.address);
    }

    // What is sent.

    /** Takes room for a message of a cost in the account; any that begins below the limit may. */
    final boolean charge(int cost) {
        for (; ; ) {
            int before = charged.get();
            if (before >= limit()) {
                return false;
            }
            if (charged.compareAndSet(before, before + cost)) {
                return true;
            }
        }
    }

    /** Gives room back and tells who waits for it. */
    final void uncharge(int cost) {
        charged.addAndGet(-cost);
        if (hasRoom()) {
            queue.notify(WRITABLE);
        }
    }

    private int limit() {
        return Buffers.isShort() ? 1 : options().sendBuffer();
    }

    /** Linux: unix_writable. */
    final boolean hasRoom() {
        return state != State.LISTEN && (long) charged.get() * 4 <= limit();
    }

    @Override
    protected final int unsentBytes(CallContext context) {
        return charged.get();
    }

    @Override
    public final void prepareSend(CallContext context, SocketMessage message)
            throws ErrnoException {
        message.prepared = Ancillary.parse(context, message);
    }

    /** Makes a message of the next bytes of a call; EFAULT, and none of them count as read. */
    final UnixMessage copyIn(ReceiveQueue to, SocketMessage call, int length)
            throws ErrnoException {
        UnixMessage message = to.newMessage(this, length);
        int n = 0;
        try {
            if (length > 0) {
                n = call.data.copyFrom(message.data, 0, length);
            }
            message.end = n;
        } finally {
            if (n < length) {
                call.data.revert(n);
                received.recycle(message);
            }
        }
        if (n < length) {
            throw Errno.EFAULT.exception();
        }
        return message;
    }

    /** Adds who sends, if anybody may want to know, and files. */
    final void attach(CallContext context, SocketMessage call, UnixMessage message, UnixSocket to) {
        Ancillary ancillary = (Ancillary) call.prepared;
        if (ancillary != null && ancillary.hasCredentials) {
            message.setWriter(ancillary.processId, ancillary.uid, ancillary.gid);
        } else if (options().isOn(SO_PASSCRED) || to.wantsWriters()) {
            int uid = context.credentials().uid();
            message.setWriter(
                    context.globalProcessId(), uid, context.credentials().gid());
        }
        if (ancillary != null) {
            message.files = ancillary.files;
            message.filesOwner = context.credentials().uid();
        }
    }

    /** Whether received messages should say who wrote them. */
    boolean wantsWriters() {
        return options().isOn(SO_PASSCRED);
    }

    /** Queues a message; its files are the queue's from then on. */
    static ReceiveQueue.Result deliver(
            UnixSocket to, SocketMessage call, UnixMessage message, int most) {
        if (!message.hasFiles()) {
            return to.received.append(message, most);
        }
        ReceiveQueue.Result result = InFlight.append(to.received, message, most);
        if (result == ReceiveQueue.Result.QUEUED && call.prepared instanceof Ancillary ancillary) {
            ancillary.files = new dev.jvisor.fs.vfs.FileDescription[0];
        } else {
            message.takeFiles(); // they are still the call's
        }
        return result;
    }

    /** A message that was made is not sent. */
    final void discard(SocketMessage call, UnixMessage message) {
        call.data.revert(message.length());
        int cost = message.cost;
        message.takeFiles();
        received.recycle(message);
        uncharge(cost);
    }

    // What is received.

    /** The credentials' control message, if the caller wants one. */
    final void putWriter(SocketMessage call, UnixMessage message) {
        if (options().isOn(SO_PASSCRED)) {
            byte[] ucred = message.hasWriter
                    ? shown(call.receiver, message)
                    : SocketOptions.ucred(0, OVERFLOW_ID, OVERFLOW_ID);
            call.putControl(SOL_SOCKET, SCM_CREDENTIALS, ucred);
        }
    }

    private static byte[] shown(@Nullable CallContext receiver, UnixMessage message) {
        if (receiver == null) {
            return SocketOptions.ucred(message.writerPid, message.writerUid, message.writerGid);
        }
        UserNamespace users = receiver.credentials().userNamespace();
        return SocketOptions.ucred(
                receiver.shownProcessId(message.writerPid),
                users.shownUid(message.writerUid),
                users.shownGid(message.writerGid));
    }

    final void putSender(SocketMessage call, UnixMessage message) {
        if (call.wantsAddress) {
            call.address = UnixAddress.senderBytes(message.sender.address);
        }
    }

    /** More bytes than SO_PEEK_OFF passes over: until then a queue that is not empty is. */
    private final class BeyondPeekOffset implements SocketCall.WaitPoint {
        @Override
        public WaitQueue queue() {
            return queue;
        }

        @Override
        public boolean isReady() {
            return (shut & SHUT_RECEIVE) != 0
                    || hasError()
                    || received.bytes() > Math.max(0, options().peekOffset());
        }
    }

    /** Nothing can be received now: says what a peeking call waits for. */
    final ErrnoException nothingToReceive(SocketMessage call) {
        call.blockedOn = received.isEmpty() ? null : new BeyondPeekOffset();
        return Errno.EAGAIN.exception();
    }

    /** The first message has been received wholly: its buffer and its room are free. */
    final void finish(UnixMessage message) {
        UnixSocket sender = message.sender;
        int cost = message.cost;
        received.recycle(message);
        sender.uncharge(cost);
    }

    /** A message whose reader has gone; its files are out of flight. */
    private static void drop(@Nullable UnixMessage all) {
        UnixMessage next;
        for (UnixMessage m = all; m != null; m = next) {
            next = m.next;
            if (m.hasFiles()) {
                InFlight.release(InFlight.take(m));
            }
            Buffers.give(m.data);
            m.sender.uncharge(m.cost);
        }
    }

    /** Loses all that was received. */
    final void purge(boolean close) {
        UnixMessage all;
        synchronized (readLock) {
            all = received.drain(close);
        }
        drop(all);
    }

    /** Messages with files that can be received from here; InFlight's lock is held. */
    List<UnixMessage> messagesWithFiles() {
        List<UnixMessage> found = new ArrayList<>();
        addMessagesWithFiles(found);
        return found;
    }

    final void addMessagesWithFiles(List<UnixMessage> found) {
        synchronized (received) {
            for (UnixMessage m = received.first(); m != null; m = m.next) {
                if (m.hasFiles()) {
                    found.add(m);
                }
            }
        }
    }

    // State.

    /** Events that all kinds of sockets have alike. */
    final int pollCommon() {
        int down = shut;
        int events = hasError() ? Poll.POLLERR : 0;
        if (down == SHUT_BOTH) {
            events |= Poll.POLLHUP;
        }
        if ((down & SHUT_RECEIVE) != 0) {
            events |= Poll.EPOLLRDHUP | READABLE;
        }
        return received.isEmpty() ? events : events | READABLE;
    }

    final void setPending(Errno error) {
        setError(error);
    }

    /** Its other end, if that has to know of a shutdown; STATE is held. */
    abstract @Nullable UnixSocket connectedPeer();

    @Override
    public final void shutdown(CallContext context, int how) {
        int mine = how + 1; // SHUT_RD, SHUT_WR, SHUT_RDWR
        UnixSocket other;
        synchronized (STATE) {
            shut |= mine;
            other = connectedPeer();
            if (other != null) {
                other.shut |= (mine & SHUT_RECEIVE) << 1 | (mine & SHUT_SEND) >> 1;
            }
        }
        queue.notify(ANY);
        roomQueue.notify(ANY);
        if (other != null) {
            other.queue.notify(ANY);
        }
    }

    /** The kind's part of the end, with STATE held: who has to be told. */
    abstract void disconnect(List<UnixSocket> told, List<UnixSocket> ended);

    @Override
    protected final void onRelease() {
        home.remove(this);
        unbind();
        List<UnixSocket> told = new ArrayList<>(1);
        List<UnixSocket> ended = new ArrayList<>(0);
        synchronized (STATE) {
            disconnect(told, ended);
            dead = true;
            shut = SHUT_BOTH;
            state = State.CLOSE;
            peer = null;
        }
        for (UnixSocket other : told) {
            other.queue.notify(ANY);
        }
        roomQueue.notify(ANY);
        for (UnixSocket embryo : ended) {
            embryo.release();
        }
        purge(true);
        InFlight.socketEnded();
    }

    /** An accepted socket's inode is that of who accepts. */
    final void giveTo(CallContext context) {
        Inode.Changes changes = new Inode.Changes();
        changes.setUid = true;
        changes.uid = context.credentials().fsuid();
        changes.setGid = true;
        changes.gid = context.credentials().fsgid();
        ((AnonymousInode) inode()).setAttributes(context, changes);
    }

    /** A line of {@code /proc/net/unix}. */
    final void describe(TextBuffer out) {
        boolean listens = state == State.LISTEN;
        out.add("0000000000000000: ").addHex(references() + 1, 8).add(" 00000000 ");
        out.addHex(listens ? 0x10000 : 0, 8).add(' ').addHex(type(), 4).add(' ');
        out.addHex(state == State.ESTABLISHED ? 3 : 1, 2).add(' ');
        out.add(((AnonymousInode) inode()).number(), 5);
        UnixAddress name = address;
        if (name != null) {
            out.add(' ')
                    .add(name.isAbstract() ? name.abstractName().replace('\0', '@') : name.path());
        }
        out.add('\n');
    }
}

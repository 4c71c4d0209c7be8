// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.netlink;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.net.socket.NetNamespace;
import dev.jvisor.net.socket.OptionValue;
import dev.jvisor.net.socket.Socket;
import dev.jvisor.net.socket.SocketCall;
import dev.jvisor.net.socket.SocketMessage;
import dev.jvisor.net.socket.SocketOptions;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Netlink;
import dev.jvisor.platform.abi.Poll;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;

/** netlink(7): messages to the kernel, and its answers. */
final class NetlinkSocket extends Socket implements Handler.Answer {

    private static final int READABLE = Poll.POLLIN | Poll.POLLRDNORM;
    private static final int WRITABLE = Poll.POLLOUT | Poll.POLLWRNORM;

    /** Bytes of {@code struct sockaddr_nl}. */
    private static final int ADDRESS_BYTES = 12;

    /** How much of a dump goes into one datagram. */
    private static final int DUMP_BYTES = 16 * 1024;

    private static final int OVERHEAD_BYTES = 256;
    private static final int GROUPS_MAX = 32;

    private final NetlinkFamily family;
    private final @Nullable Handler handler;
    private final WaitQueue queue = new WaitQueue();

    // Guarded by this.

    private final ArrayDeque<byte[]> received = new ArrayDeque<>();
    private final ArrayDeque<Integer> senders = new ArrayDeque<>();
    private int queuedBytes;
    private @Nullable Iterator<byte[]> dump;
    private @Nullable Request dumpRequest;
    private byte @Nullable [] dumpHeld;
    private int port;
    private int groups;
    private int peerPort;
    private int peerGroups;
    private int switches;

    NetlinkSocket(
            CallContext context,
            NetNamespace net,
            NetlinkFamily family,
            int type,
            int protocol,
            @Nullable Handler handler) {
        super(context, net, dev.jvisor.platform.abi.Socket.AF_NETLINK, type, protocol);
        this.family = family;
        this.handler = handler;
    }

    @Override
    public WaitQueue waitQueue() {
        return queue;
    }

    @Override
    public synchronized int poll() {
        int mask = WRITABLE | (hasError() ? Poll.POLLERR : 0);
        return received.isEmpty() && dump == null ? mask : mask | READABLE;
    }

    private static void check(byte[] address) throws ErrnoException {
        if (address.length < ADDRESS_BYTES
                || LittleEndian.getUnsignedShort(address, 0)
                        != dev.jvisor.platform.abi.Socket.AF_NETLINK) {
            throw Errno.EINVAL.exception();
        }
    }

    @Override
    public synchronized void bind(CallContext context, byte[] address) throws ErrnoException {
        check(address);
        int wanted = LittleEndian.getInt(address, 4);
        int wantedGroups = LittleEndian.getInt(address, 8);
        if (wantedGroups != 0) {
            needGroups(context);
        }
        if (port != 0) {
            if (wanted != port) {
                throw Errno.EINVAL.exception();
            }
        } else if (wanted == 0) {
            autobind(context);
        } else {
            if (!family.take(this, protocol(), wanted)) {
                throw Errno.EADDRINUSE.exception();
            }
            port = wanted;
        }
        groups = wantedGroups;
    }

    private void needGroups(CallContext context) throws ErrnoException {
        boolean isFree =
                protocol() == Netlink.NETLINK_ROUTE || protocol() == Netlink.NETLINK_KOBJECT_UEVENT;
        if (!isFree && !context.credentials().hasIn(net().owner(), Capabilities.CAP_NET_ADMIN)) {
            throw Errno.EPERM.exception();
        }
    }

    private synchronized void autobind(CallContext context) {
        int wanted = context.processId();
        for (int next = -4096; port == 0; next--) {
            if (family.take(this, protocol(), wanted)) {
                port = wanted;
            }
            wanted = next;
        }
    }

    @Override
    public synchronized void connect(CallContext context, byte[] address, SocketCall call)
            throws ErrnoException {
        int kind = address.length < 2 ? -1 : LittleEndian.getUnsignedShort(address, 0);
        if (kind == dev.jvisor.platform.abi.Socket.AF_UNSPEC) {
            peerPort = 0;
            peerGroups = 0;
            return;
        }
        check(address);
        if (port == 0) {
            autobind(context);
        }
        peerPort = LittleEndian.getInt(address, 4);
        peerGroups = LittleEndian.getInt(address, 8);
    }

    private static byte[] address(int port, int groups) {
        byte[] raw = new byte[ADDRESS_BYTES];
        LittleEndian.putShort(raw, 0, dev.jvisor.platform.abi.Socket.AF_NETLINK);
        LittleEndian.putInt(raw, 4, port);
        LittleEndian.putInt(raw, 8, groups);
        return raw;
    }

    @Override
    public synchronized byte[] localAddress(CallContext context) {
        return address(port, groups);
    }

    @Override
    public synchronized byte[] peerAddress(CallContext context) {
        return address(peerPort, peerGroups);
    }

    // Sending.

    @Override
    public long send(CallContext context, SocketMessage message) throws ErrnoException {
        if (message.has(dev.jvisor.platform.abi.Socket.MSG_OOB)) {
            throw Errno.EOPNOTSUPP.exception();
        }
        int to = peerPort;
        byte[] named = message.address;
        if (named != null) {
            check(named);
            to = LittleEndian.getInt(named, 4);
            boolean isPlain = to == 0 && LittleEndian.getInt(named, 8) == 0;
            if (!isPlain
                    && protocol() != Netlink.NETLINK_USERSOCK
                    && !context.credentials().hasIn(net().owner(), Capabilities.CAP_NET_ADMIN)) {
                throw Errno.EPERM.exception();
            }
        }
        synchronized (this) {
            if (port == 0) {
                autobind(context);
            }
        }
        long length = message.data.remaining();
        if (length > options().sendBuffer() - 32) {
            throw Errno.EMSGSIZE.exception();
        }
        byte[] data = new byte[(int) length];
        if (length > 0 && message.data.copyFrom(data, 0, data.length) < data.length) {
            throw Errno.EFAULT.exception();
        }
        if (to != 0) {
            NetlinkSocket peer = family.find(protocol(), to);
            if (peer == null) {
                throw Errno.ECONNREFUSED.exception();
            }
            peer.enqueue(data, port);
            return length;
        }
        if (handler == null) {
            throw Errno.ECONNREFUSED.exception();
        }
        requests(context, handler, data);
        return length;
    }

    private void requests(CallContext context, Handler kernel, byte[] data) {
        int at = 0;
        while (data.length - at >= MessageWriter.HEADER_BYTES) {
            int length = LittleEndian.getInt(data, at);
            if (length < MessageWriter.HEADER_BYTES || length > data.length - at) {
                return;
            }
            Request request = Request.read(data, at, length, port);
            if (request.has(Netlink.NLM_F_REQUEST) && request.type() >= Netlink.NLMSG_MIN_TYPE) {
                one(context, kernel, request);
            } else if (request.has(Netlink.NLM_F_ACK)) {
                acknowledge(request, null);
            }
            at = Math.min(data.length, at + (length + 3 & ~3));
        }
    }

    private void one(CallContext context, Handler kernel, Request request) {
        try {
            if (request.isDump()) {
                synchronized (this) {
                    if (dump != null) {
                        throw Errno.EBUSY.exception();
                    }
                    dumpRequest = request;
                }
            }
            kernel.handle(context, request, this);
            if (request.has(Netlink.NLM_F_ACK) && !request.isDump()) {
                acknowledge(request, null);
            }
        } catch (ErrnoException e) {
            acknowledge(request, e.errno);
        }
    }

    /** The NLMSG_ERROR that ends a request, also a good one. */
    private void acknowledge(Request request, @Nullable Errno error) {
        boolean isCapped = error == null || isOn(Netlink.NETLINK_CAP_ACK);
        int copied = isCapped ? MessageWriter.HEADER_BYTES : request.raw().length;
        boolean says = isCapped && error != null || error == null;
        MessageWriter w = new MessageWriter(
                Netlink.NLMSG_ERROR, says ? Netlink.NLM_F_CAPPED : 0, request.sequence(), port);
        w.int32(error == null ? 0 : -error.number);
        w.raw(Arrays.copyOf(request.raw(), copied));
        enqueue(w.finish(), 0);
    }

    @Override
    public void reply(byte[] message) {
        enqueue(message, 0);
    }

    @Override
    public void dump(Iterator<byte[]> messages) {
        synchronized (this) {
            dump = messages;
        }
        queue.notify(READABLE);
    }

    private void enqueue(byte[] data, int from) {
        boolean fits;
        synchronized (this) {
            int cost = data.length + OVERHEAD_BYTES;
            fits = queuedBytes + cost <= options().receiveBuffer();
            if (fits) {
                received.add(data);
                senders.add(from);
                queuedBytes += cost;
            }
        }
        if (!fits && !isOn(Netlink.NETLINK_NO_ENOBUFS)) {
            setError(Errno.ENOBUFS);
        }
        queue.notify(READABLE | (fits ? 0 : Poll.POLLERR));
    }

    // Receiving.

    @Override
    public long receive(CallContext context, SocketMessage message) throws ErrnoException {
        if (message.has(dev.jvisor.platform.abi.Socket.MSG_OOB)) {
            throw Errno.EOPNOTSUPP.exception();
        }
        throwError(message);
        byte[] data;
        int from;
        synchronized (this) {
            if (received.isEmpty()) {
                fill();
            }
            data = received.peek();
            if (data == null) {
                throw Errno.EAGAIN.exception();
            }
            from = senders.getFirst();
            if (!message.has(dev.jvisor.platform.abi.Socket.MSG_PEEK)) {
                received.poll();
                senders.poll();
                queuedBytes -= data.length + OVERHEAD_BYTES;
            }
        }
        int wanted = (int) Math.min(data.length, message.data.remaining());
        if (wanted > 0 && message.data.copyTo(data, 0, wanted) < wanted) {
            throw Errno.EFAULT.exception();
        }
        if (message.wantsAddress) {
            message.address = address(from, 0);
        }
        if (isOn(Netlink.NETLINK_PKTINFO)) {
            message.putControl(
                    dev.jvisor.platform.abi.Socket.SOL_NETLINK,
                    Netlink.NETLINK_PKTINFO,
                    new byte[4]);
        }
        if (wanted < data.length) {
            message.resultFlags |= dev.jvisor.platform.abi.Socket.MSG_TRUNC;
        }
        return message.has(dev.jvisor.platform.abi.Socket.MSG_TRUNC) ? data.length : wanted;
    }

    /** Makes the next datagram of a dump. */
    private void fill() {
        Iterator<byte[]> messages = dump;
        Request request = dumpRequest;
        if (messages == null || request == null) {
            return;
        }
        byte[] all = new byte[0];
        byte[] held = dumpHeld;
        dumpHeld = null;
        while (held != null || messages.hasNext()) {
            byte[] one = held != null ? held : messages.next();
            held = null;
            if (all.length > 0 && all.length + one.length > DUMP_BYTES) {
                dumpHeld = one;
                break;
            }
            int at = all.length;
            all = Arrays.copyOf(all, at + one.length);
            System.arraycopy(one, 0, all, at, one.length);
        }
        if (all.length == 0) {
            MessageWriter end = new MessageWriter(
                    Netlink.NLMSG_DONE, Netlink.NLM_F_MULTI, request.sequence(), port);
            all = end.int32(0).finish();
            dump = null;
            dumpRequest = null;
        }
        received.add(all);
        senders.add(0);
        queuedBytes += all.length + OVERHEAD_BYTES;
    }

    @Override
    protected synchronized int readableBytes(CallContext context) {
        byte[] data = received.peek();
        return data == null ? 0 : data.length;
    }

    // Options.

    private synchronized boolean isOn(int name) {
        return (switches >>> name & 1) != 0;
    }

    @Override
    public void setOption(CallContext context, int level, int name, OptionValue value)
            throws ErrnoException {
        if (level != dev.jvisor.platform.abi.Socket.SOL_NETLINK) {
            if (level != dev.jvisor.platform.abi.Socket.SOL_SOCKET) {
                throw Errno.ENOPROTOOPT.exception();
            }
            super.setOption(context, level, name, value);
            return;
        }
        int n = value.asInt();
        synchronized (this) {
            switch (name) {
                case Netlink.NETLINK_ADD_MEMBERSHIP, Netlink.NETLINK_DROP_MEMBERSHIP -> {
                    needGroups(context);
                    if (n < 1 || n > GROUPS_MAX) {
                        throw Errno.EINVAL.exception();
                    }
                    int bit = 1 << n - 1;
                    groups = name == Netlink.NETLINK_ADD_MEMBERSHIP ? groups | bit : groups & ~bit;
                }
                case Netlink.NETLINK_PKTINFO,
                        Netlink.NETLINK_BROADCAST_ERROR,
                        Netlink.NETLINK_NO_ENOBUFS,
                        Netlink.NETLINK_CAP_ACK,
                        Netlink.NETLINK_EXT_ACK,
                        Netlink.NETLINK_GET_STRICT_CHK ->
                    switches = n != 0 ? switches | 1 << name : switches & ~(1 << name);
                default -> throw Errno.ENOPROTOOPT.exception();
            }
        }
    }

    @Override
    public byte[] getOption(CallContext context, int level, int name, int capacity)
            throws ErrnoException {
        if (level != dev.jvisor.platform.abi.Socket.SOL_NETLINK) {
            if (level != dev.jvisor.platform.abi.Socket.SOL_SOCKET) {
                throw Errno.ENOPROTOOPT.exception();
            }
            return super.getOption(context, level, name, capacity);
        }
        return switch (name) {
            case Netlink.NETLINK_PKTINFO,
                    Netlink.NETLINK_BROADCAST_ERROR,
                    Netlink.NETLINK_NO_ENOBUFS,
                    Netlink.NETLINK_CAP_ACK,
                    Netlink.NETLINK_EXT_ACK,
                    Netlink.NETLINK_GET_STRICT_CHK -> SocketOptions.bytes(isOn(name) ? 1 : 0);
            case Netlink.NETLINK_LIST_MEMBERSHIPS -> {
                synchronized (this) {
                    yield SocketOptions.bytes(groups);
                }
            }
            default -> throw Errno.ENOPROTOOPT.exception();
        };
    }

    @Override
    protected synchronized void onRelease() {
        if (port != 0) {
            family.release(this, protocol(), port);
        }
        received.clear();
        dump = null;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.socket;

import static dev.jvisor.platform.abi.Socket.SO_ACCEPTCONN;
import static dev.jvisor.platform.abi.Socket.SO_BINDTODEVICE;
import static dev.jvisor.platform.abi.Socket.SO_BROADCAST;
import static dev.jvisor.platform.abi.Socket.SO_BSDCOMPAT;
import static dev.jvisor.platform.abi.Socket.SO_COOKIE;
import static dev.jvisor.platform.abi.Socket.SO_DEBUG;
import static dev.jvisor.platform.abi.Socket.SO_DOMAIN;
import static dev.jvisor.platform.abi.Socket.SO_DONTROUTE;
import static dev.jvisor.platform.abi.Socket.SO_ERROR;
import static dev.jvisor.platform.abi.Socket.SO_INCOMING_CPU;
import static dev.jvisor.platform.abi.Socket.SO_KEEPALIVE;
import static dev.jvisor.platform.abi.Socket.SO_LINGER;
import static dev.jvisor.platform.abi.Socket.SO_MARK;
import static dev.jvisor.platform.abi.Socket.SO_NO_CHECK;
import static dev.jvisor.platform.abi.Socket.SO_OOBINLINE;
import static dev.jvisor.platform.abi.Socket.SO_PASSCRED;
import static dev.jvisor.platform.abi.Socket.SO_PEEK_OFF;
import static dev.jvisor.platform.abi.Socket.SO_PEERCRED;
import static dev.jvisor.platform.abi.Socket.SO_PEERGROUPS;
import static dev.jvisor.platform.abi.Socket.SO_PEERNAME;
import static dev.jvisor.platform.abi.Socket.SO_PRIORITY;
import static dev.jvisor.platform.abi.Socket.SO_PROTOCOL;
import static dev.jvisor.platform.abi.Socket.SO_RCVBUF;
import static dev.jvisor.platform.abi.Socket.SO_RCVBUFFORCE;
import static dev.jvisor.platform.abi.Socket.SO_RCVLOWAT;
import static dev.jvisor.platform.abi.Socket.SO_RCVTIMEO_NEW;
import static dev.jvisor.platform.abi.Socket.SO_RCVTIMEO_OLD;
import static dev.jvisor.platform.abi.Socket.SO_REUSEADDR;
import static dev.jvisor.platform.abi.Socket.SO_REUSEPORT;
import static dev.jvisor.platform.abi.Socket.SO_RXQ_OVFL;
import static dev.jvisor.platform.abi.Socket.SO_SELECT_ERR_QUEUE;
import static dev.jvisor.platform.abi.Socket.SO_SNDBUF;
import static dev.jvisor.platform.abi.Socket.SO_SNDBUFFORCE;
import static dev.jvisor.platform.abi.Socket.SO_SNDLOWAT;
import static dev.jvisor.platform.abi.Socket.SO_SNDTIMEO_NEW;
import static dev.jvisor.platform.abi.Socket.SO_SNDTIMEO_OLD;
import static dev.jvisor.platform.abi.Socket.SO_TIMESTAMPNS_NEW;
import static dev.jvisor.platform.abi.Socket.SO_TIMESTAMPNS_OLD;
import static dev.jvisor.platform.abi.Socket.SO_TIMESTAMP_NEW;
import static dev.jvisor.platform.abi.Socket.SO_TIMESTAMP_OLD;
import static dev.jvisor.platform.abi.Socket.SO_TYPE;

import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.platform.abi.Capabilities;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Socket;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The options of SOL_SOCKET that every socket has (Linux: {@code sk_setsockopt},
 * {@code sk_getsockopt}). Thread-safe: each is one field, read without lock.
 */
public final class SocketOptions {

    /** {@code /proc/sys/net/core/[rw]mem_default}, bytes. */
    public static final int BUFFER_BYTES_DEFAULT = 212_992;

    /** {@code /proc/sys/net/core/[rw]mem_max}, bytes. */
    private static final int BUFFER_BYTES_MAX = 4 << 20;

    /** What a privileged guest can make a queue hold in the Sentry at most, bytes. */
    private static final int FORCED_BUFFER_BYTES_MAX = 8 << 20;

    private static final int SEND_BUFFER_BYTES_MIN = 4608;
    private static final int RECEIVE_BUFFER_BYTES_MIN = 2304;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final int MICROS_PER_SECOND = 1_000_000;

    /**
     * Time-outs are kept in ticks, of which the Linux kernels of distributions have 250 a second.
     */
    private static final long TICK_NANOS = 4_000_000;

    private static final int UCRED_BYTES = 12;

    /** Linux: TC_PRIO_INTERACTIVE, the highest priority that needs no capability. */
    private static final int PRIORITY_FREE_MAX = 6;

    private static final AtomicLong LAST_COOKIE = new AtomicLong();

    private final dev.jvisor.net.socket.Socket socket;

    /** On-or-off options by their number, up to 63. */
    private volatile long switches;

    private volatile int sendBuffer = BUFFER_BYTES_DEFAULT;
    private volatile int receiveBuffer = BUFFER_BYTES_DEFAULT;
    private volatile int receiveLowWater = 1;
    private volatile long receiveTimeoutNanos = Long.MAX_VALUE;
    private volatile long sendTimeoutNanos = Long.MAX_VALUE;
    private volatile int lingerSeconds;
    private volatile int priority;
    private volatile int mark;
    private volatile int peekOffset = -1;
    private volatile long cookie;

    /** Whether time stamps have 64-bit seconds on every machine: SO_TIMESTAMP_NEW. */
    private volatile boolean timestampsNew;

    SocketOptions(dev.jvisor.net.socket.Socket socket) {
        this.socket = socket;
    }

    /** Takes over what an accepted socket inherits from the listening one. */
    public void inherit(SocketOptions from) {
        switches = from.switches;
        sendBuffer = from.sendBuffer;
        receiveBuffer = from.receiveBuffer;
        receiveLowWater = from.receiveLowWater;
        receiveTimeoutNanos = from.receiveTimeoutNanos;
        sendTimeoutNanos = from.sendTimeoutNanos;
        lingerSeconds = from.lingerSeconds;
        priority = from.priority;
        mark = from.mark;
    }

    /**
     * Whether an option with an on-or-off value is on: SO_DEBUG, SO_REUSEADDR, SO_REUSEPORT,
     * SO_KEEPALIVE, SO_BROADCAST, SO_DONTROUTE, SO_OOBINLINE, SO_NO_CHECK, SO_PASSCRED, SO_LINGER,
     * SO_RXQ_OVFL, SO_TIMESTAMP_OLD and the other time stamps, SO_SELECT_ERR_QUEUE.
     */
    public boolean isOn(int name) {
        return (switches >>> name & 1) != 0;
    }

    /** Turns an option of {@link #isOn} on or off. */
    public synchronized void turn(int name, boolean on) {
        long bit = 1L << name;
        switches = on ? switches | bit : switches & ~bit;
    }

    /** SO_SNDBUF as getsockopt(2) tells: twice what was asked for, bytes. */
    public int sendBuffer() {
        return sendBuffer;
    }

    /** SO_RCVBUF as getsockopt(2) tells, bytes. */
    public int receiveBuffer() {
        return receiveBuffer;
    }

    /** Sets the sizes a protocol begins with. */
    public void setBuffers(int sendBytes, int receiveBytes) {
        sendBuffer = sendBytes;
        receiveBuffer = receiveBytes;
    }

    /** SO_RCVLOWAT, at least 1. */
    public int receiveLowWater() {
        return receiveLowWater;
    }

    /** How long receive and accept wait; Long.MAX_VALUE: forever, 0: not at all. */
    public long receiveTimeoutNanos() {
        return receiveTimeoutNanos;
    }

    /** How long send and connect wait; Long.MAX_VALUE: forever, 0: not at all. */
    public long sendTimeoutNanos() {
        return sendTimeoutNanos;
    }

    /** SO_LINGER's time; it counts while {@code isOn(SO_LINGER)}. */
    public int lingerSeconds() {
        return lingerSeconds;
    }

    public int priority() {
        return priority;
    }

    public int mark() {
        return mark;
    }

    /** SO_PEEK_OFF, -1 if it is off. */
    public int peekOffset() {
        return peekOffset;
    }

    public void setPeekOffset(int offset) {
        peekOffset = offset;
    }

    /** setsockopt(2) with SOL_SOCKET. */
    void set(CallContext context, int name, OptionValue value) throws ErrnoException {
        if (name == SO_BINDTODEVICE) {
            throw Errno.ENOPROTOOPT.exception();
        }
        int number = value.asInt();
        switch (name) {
            case SO_DEBUG -> {
                if (number != 0) {
                    need(context, Capabilities.CAP_NET_ADMIN, Errno.EACCES);
                }
                turn(name, number != 0);
            }
            case SO_REUSEPORT -> {
                if (number != 0
                        && socket.family() != Socket.AF_INET
                        && socket.family() != Socket.AF_INET6) {
                    throw Errno.EOPNOTSUPP.exception();
                }
                turn(name, number != 0);
            }
            case SO_REUSEADDR,
                    SO_DONTROUTE,
                    SO_BROADCAST,
                    SO_KEEPALIVE,
                    SO_OOBINLINE,
                    SO_NO_CHECK,
                    SO_RXQ_OVFL,
                    SO_SELECT_ERR_QUEUE -> turn(name, number != 0);
            case SO_TIMESTAMP_OLD, SO_TIMESTAMP_NEW, SO_TIMESTAMPNS_OLD, SO_TIMESTAMPNS_NEW ->
                setTimestamps(name, number != 0);
            case SO_PASSCRED -> {
                if (!socket.passesCredentials()) {
                    throw Errno.EOPNOTSUPP.exception();
                }
                turn(name, number != 0);
            }
            case SO_TYPE, SO_PROTOCOL, SO_DOMAIN, SO_ERROR -> throw Errno.ENOPROTOOPT.exception();
            case SO_SNDBUF, SO_SNDBUFFORCE -> {
                sendBuffer =
                        bufferBytes(context, number, name == SO_SNDBUFFORCE, SEND_BUFFER_BYTES_MIN);
            }
            case SO_RCVBUF, SO_RCVBUFFORCE -> {
                receiveBuffer = bufferBytes(
                        context, number, name == SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES_MIN);
            }
            case SO_PRIORITY -> {
                if (number < 0 || number > PRIORITY_FREE_MAX) {
                    needNetwork(context);
                }
                priority = number;
            }
            case SO_MARK -> {
                needNetwork(context);
                mark = number;
            }
            case SO_LINGER -> {
                int seconds = LittleEndian.getInt(value.head(8), 4);
                turn(name, number != 0);
                if (number != 0) {
                    lingerSeconds = seconds;
                }
            }
            case SO_BSDCOMPAT -> {}
            case SO_RCVLOWAT ->
                receiveLowWater = number < 0 ? Integer.MAX_VALUE : Math.max(number, 1);
            case SO_RCVTIMEO_OLD, SO_RCVTIMEO_NEW -> receiveTimeoutNanos = timeout(value);
            case SO_SNDTIMEO_OLD, SO_SNDTIMEO_NEW -> sendTimeoutNanos = timeout(value);
            case SO_PEEK_OFF -> {
                if (!socket.hasPeekOffset()) {
                    throw Errno.EOPNOTSUPP.exception();
                }
                peekOffset = number;
            }
            default -> throw Errno.ENOPROTOOPT.exception();
        }
        socket.optionChanged(name);
    }

    /** The last one that was turned on says how the time stamp looks; any of them off is off. */
    private synchronized void setTimestamps(int name, boolean on) {
        turn(SO_TIMESTAMP_OLD, false);
        turn(SO_TIMESTAMPNS_OLD, false);
        timestampsNew = false;
        if (on) {
            boolean nanos = name == SO_TIMESTAMPNS_OLD || name == SO_TIMESTAMPNS_NEW;
            turn(nanos ? SO_TIMESTAMPNS_OLD : SO_TIMESTAMP_OLD, true);
            timestampsNew = name == SO_TIMESTAMP_NEW || name == SO_TIMESTAMPNS_NEW;
        }
    }

    private int bufferBytes(CallContext context, int asked, boolean force, int least)
            throws ErrnoException {
        int bytes = Math.min(asked, BUFFER_BYTES_MAX);
        if (force) {
            need(context, Capabilities.CAP_NET_ADMIN, Errno.EPERM);
            bytes = Math.clamp(asked, 0, FORCED_BUFFER_BYTES_MAX);
        }
        // A negative size is a large unsigned one in the comparison that Linux makes.
        bytes = asked < 0 && !force ? BUFFER_BYTES_MAX : bytes;
        return Math.max(bytes * 2, least);
    }

    private void need(CallContext context, int capability, Errno otherwise) throws ErrnoException {
        if (!context.credentials().hasIn(socket.net().owner(), capability)) {
            throw otherwise.exception();
        }
    }

    private void needNetwork(CallContext context) throws ErrnoException {
        if (!context.credentials().hasIn(socket.net().owner(), Capabilities.CAP_NET_RAW)) {
            need(context, Capabilities.CAP_NET_ADMIN, Errno.EPERM);
        }
    }

    /** A struct timeval: 0 is forever, a negative one no waiting at all. */
    private static long timeout(OptionValue value) throws ErrnoException {
        long micros = value.longAt(8);
        long seconds = value.longAt(0);
        if (micros < 0 || micros >= MICROS_PER_SECOND) {
            throw Errno.EDOM.exception();
        }
        if (seconds < 0) {
            return 0;
        }
        if (seconds == 0 && micros == 0 || seconds >= Long.MAX_VALUE / NANOS_PER_SECOND - 2) {
            return Long.MAX_VALUE;
        }
        long nanos = seconds * NANOS_PER_SECOND + micros * 1000;
        return (nanos + TICK_NANOS - 1) / TICK_NANOS * TICK_NANOS;
    }

    /** getsockopt(2) with SOL_SOCKET. */
    byte[] get(CallContext context, int name, int capacity) throws ErrnoException {
        return switch (name) {
            case SO_DEBUG,
                    SO_REUSEADDR,
                    SO_REUSEPORT,
                    SO_DONTROUTE,
                    SO_BROADCAST,
                    SO_KEEPALIVE,
                    SO_OOBINLINE,
                    SO_NO_CHECK,
                    SO_RXQ_OVFL,
                    SO_SELECT_ERR_QUEUE -> bytes(isOn(name) ? 1 : 0);
            case SO_TIMESTAMP_OLD, SO_TIMESTAMPNS_OLD ->
                bytes(isOn(name) && !timestampsNew ? 1 : 0);
            case SO_TIMESTAMP_NEW -> bytes(isOn(SO_TIMESTAMP_OLD) && timestampsNew ? 1 : 0);
            case SO_TIMESTAMPNS_NEW -> bytes(isOn(SO_TIMESTAMPNS_OLD) && timestampsNew ? 1 : 0);
            case SO_PASSCRED -> {
                if (!socket.passesCredentials()) {
                    throw Errno.EOPNOTSUPP.exception();
                }
                yield bytes(isOn(name) ? 1 : 0);
            }
            case SO_TYPE -> bytes(socket.type());
            case SO_PROTOCOL -> bytes(socket.protocol());
            case SO_DOMAIN -> bytes(socket.family());
            case SO_ERROR -> {
                Errno error = socket.takeError();
                yield bytes(error == null ? 0 : error.number);
            }
            case SO_SNDBUF -> bytes(sendBuffer);
            case SO_RCVBUF -> bytes(receiveBuffer);
            case SO_PRIORITY -> bytes(priority);
            case SO_MARK -> bytes(mark);
            case SO_LINGER -> {
                byte[] linger = new byte[8];
                LittleEndian.putInt(linger, 0, isOn(SO_LINGER) ? 1 : 0);
                LittleEndian.putInt(linger, 4, lingerSeconds);
                yield linger;
            }
            case SO_BSDCOMPAT -> bytes(0);
            case SO_RCVLOWAT -> bytes(receiveLowWater);
            case SO_SNDLOWAT -> bytes(1);
            case SO_RCVTIMEO_OLD, SO_RCVTIMEO_NEW -> timeval(receiveTimeoutNanos);
            case SO_SNDTIMEO_OLD, SO_SNDTIMEO_NEW -> timeval(sendTimeoutNanos);
            case SO_ACCEPTCONN -> bytes(socket.isListening() ? 1 : 0);
            case SO_PEERCRED -> peerCredentials(context, socket.peer());
            case SO_PEERGROUPS -> peerGroups(context, socket.peer());
            case SO_PEERNAME -> {
                byte[] address = socket.peerAddress(context);
                if (address.length < capacity) {
                    throw Errno.EINVAL.exception();
                }
                yield address;
            }
            case SO_PEEK_OFF -> {
                if (!socket.hasPeekOffset()) {
                    throw Errno.EOPNOTSUPP.exception();
                }
                yield bytes(peekOffset);
            }
            case SO_INCOMING_CPU -> bytes(-1);
            case SO_COOKIE -> {
                byte[] value = new byte[Long.BYTES];
                if (capacity < value.length) {
                    throw Errno.EINVAL.exception();
                }
                LittleEndian.putLong(value, 0, cookie());
                yield value;
            }
            default -> throw Errno.ENOPROTOOPT.exception();
        };
    }

    /** Whether received messages get time stamps: SO_TIMESTAMP, SO_TIMESTAMPNS. */
    public boolean hasTimestamps() {
        return isOn(SO_TIMESTAMP_OLD) || isOn(SO_TIMESTAMPNS_OLD);
    }

    /** Adds the control message of a time stamp, if the socket wants one; CLOCK_REALTIME. */
    public void putTimestamp(SocketMessage message, long nanos) {
        if (!hasTimestamps()) {
            return;
        }
        boolean fine = isOn(SO_TIMESTAMPNS_OLD);
        byte[] value = new byte[16];
        LittleEndian.putLong(value, 0, nanos / NANOS_PER_SECOND);
        long fraction = nanos % NANOS_PER_SECOND;
        LittleEndian.putLong(value, 8, fine ? fraction : fraction / 1000);
        int coarseType = timestampsNew ? SO_TIMESTAMP_NEW : SO_TIMESTAMP_OLD;
        int fineType = timestampsNew ? SO_TIMESTAMPNS_NEW : SO_TIMESTAMPNS_OLD;
        message.putControl(Socket.SOL_SOCKET, fine ? fineType : coarseType, value);
    }

    /** A number that no other socket of the sandbox ever had. */
    public synchronized long cookie() {
        if (cookie == 0) {
            cookie = LAST_COOKIE.incrementAndGet();
        }
        return cookie;
    }

    private static byte[] peerCredentials(CallContext context, @Nullable PeerIdentity peer) {
        UserNamespace users = context.credentials().userNamespace();
        return ucred(
                peer == null ? 0 : context.shownProcessId(peer.processId()),
                peer == null ? -1 : users.shownUid(peer.credentials().euid()),
                peer == null ? -1 : users.shownGid(peer.credentials().egid()));
    }

    /** A {@code struct ucred}. */
    public static byte[] ucred(int processId, int uid, int gid) {
        byte[] value = new byte[UCRED_BYTES];
        LittleEndian.putInt(value, 0, processId);
        LittleEndian.putInt(value, 4, uid);
        LittleEndian.putInt(value, 8, gid);
        return value;
    }

    /** Supplementary groups; the caller answers ERANGE if they do not fit. */
    private static byte[] peerGroups(CallContext context, @Nullable PeerIdentity peer)
            throws ErrnoException {
        if (peer == null) {
            throw Errno.ENODATA.exception();
        }
        int[] groups = peer.credentials().groups();
        byte[] value = new byte[groups.length * Integer.BYTES];
        for (int i = 0; i < groups.length; i++) {
            int shown = context.credentials().userNamespace().shownGid(groups[i]);
            LittleEndian.putInt(value, i * Integer.BYTES, shown);
        }
        return value;
    }

    private static byte[] timeval(long nanos) {
        byte[] value = new byte[16];
        if (nanos != Long.MAX_VALUE) {
            LittleEndian.putLong(value, 0, nanos / NANOS_PER_SECOND);
            LittleEndian.putLong(value, 8, nanos % NANOS_PER_SECOND / 1000);
        }
        return value;
    }

    /** An int as an option's value. */
    public static byte[] bytes(int value) {
        byte[] result = new byte[Integer.BYTES];
        LittleEndian.putInt(result, 0, value);
        return result;
    }
}

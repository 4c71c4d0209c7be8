// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.inet.tcp;

import static dev.jvisor.platform.abi.Socket.MSG_DONTWAIT;
import static dev.jvisor.platform.abi.Socket.MSG_ERRQUEUE;
import static dev.jvisor.platform.abi.Socket.MSG_MORE;
import static dev.jvisor.platform.abi.Socket.MSG_OOB;
import static dev.jvisor.platform.abi.Socket.MSG_PEEK;
import static dev.jvisor.platform.abi.Socket.MSG_TRUNC;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.wait.WaitQueue;
import dev.jvisor.net.inet.InetSocket;
import dev.jvisor.net.inet.core.InetAddress;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.inet.ip.IpAddress;
import dev.jvisor.net.socket.NetNamespace;
import dev.jvisor.net.socket.OptionValue;
import dev.jvisor.net.socket.Socket;
import dev.jvisor.net.socket.SocketCall;
import dev.jvisor.net.socket.SocketMessage;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Inet;
import dev.jvisor.platform.abi.NetDevice;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/** tcp(7). */
public final class TcpSocket extends InetSocket {

    private final TcpEndpoint tcp;
    private final TcpSocketOptions tcpOptions;

    /** A closed socket. */
    public TcpSocket(CallContext context, NetNamespace net, InternetStack stack, int family) {
        super(
                context,
                net,
                stack,
                family,
                dev.jvisor.platform.abi.Socket.SOCK_STREAM,
                Inet.IPPROTO_TCP);
        TcpConfig config = new TcpConfig();
        config.sendBufferBytes = stack.settings().tcpSendDefaultBytes;
        config.receiveBufferBytes = stack.settings().tcpReceiveDefaultBytes;
        config.userId = context.credentials().euid();
        config.isV6Only = isV6Only();
        config.inode = inodeNumber();
        this.tcp = new TcpEndpoint(stack.tcp(), any(), config);
        this.tcpOptions = new TcpSocketOptions(tcp);
        options().setBuffers(config.sendBufferBytes, config.receiveBufferBytes);
    }

    private TcpSocket(CallContext context, TcpSocket listener, TcpEndpoint connection) {
        super(
                context,
                listener.net(),
                listener.stack(),
                listener.family(),
                listener.type(),
                listener.protocol());
        this.tcp = connection;
        connection.config.inode = inodeNumber();
        this.tcpOptions = new TcpSocketOptions(connection);
        options().inherit(listener.options());
        ip().inherit(listener.ip());
    }

    @Override
    public WaitQueue waitQueue() {
        return tcp.waitQueue();
    }

    @Override
    public int poll() {
        return tcp.poll();
    }

    @Override
    public void bind(CallContext context, byte[] address) throws ErrnoException {
        InetAddress a = bindAddress(context, address);
        tcp.config.isV6Only = isV6Only();
        boolean chosen = tcp.config.isAddressChosen;
        tcp.bind(a.address(), a.port());
        tcp.config.isAddressChosen = chosen || !a.address().isAny();
    }

    @Override
    public void connect(CallContext context, byte[] address, SocketCall call)
            throws ErrnoException {
        if (InetAddress.family(address) == dev.jvisor.platform.abi.Socket.AF_UNSPEC) {
            tcp.undo();
            return;
        }
        int state = tcp.state();
        if (state != Inet.TCP_CLOSE && state != Inet.TCP_SYN_SENT && state != Inet.TCP_SYN_RECV) {
            throw Errno.EISCONN.exception();
        }
        InetAddress a = peerAddress(address);
        if (a == null) {
            throw Errno.EAFNOSUPPORT.exception();
        }
        IpAddress bound = tcp.boundAddress();
        if (!bound.isAny() && bound.isV4() != a.address().isV4()) {
            throw Errno.ENETUNREACH.exception();
        }
        tcp.config.isV6Only = isV6Only();
        tcp.connect(a.address(), a.port());
    }

    @Override
    public void finishConnect(CallContext context) throws ErrnoException {
        int state = tcp.state();
        if (state == Inet.TCP_SYN_SENT || state == Inet.TCP_SYN_RECV) {
            throw Errno.EINPROGRESS.exception();
        }
        Errno e = takeError();
        if (e != null) {
            throw e.exception();
        }
        if (state == Inet.TCP_CLOSE) {
            throw Errno.ECONNABORTED.exception();
        }
    }

    @Override
    public void listen(CallContext context, int backlog) throws ErrnoException {
        tcp.config.isV6Only = isV6Only();
        tcp.listen(backlog);
    }

    @Override
    public Socket accept(CallContext context) throws ErrnoException {
        return new TcpSocket(context, this, tcp.accept());
    }

    @Override
    public byte[] localAddress(CallContext context) {
        IpAddress address = tcp.local();
        return bytes(address, tcp.localPort());
    }

    @Override
    public byte[] peerAddress(CallContext context) throws ErrnoException {
        int state = tcp.state();
        boolean isUnconnected =
                state == Inet.TCP_CLOSE || state == Inet.TCP_LISTEN || state == Inet.TCP_SYN_SENT;
        if (tcp.remotePort() == 0 || isUnconnected) {
            throw Errno.ENOTCONN.exception();
        }
        return bytes(tcp.remote(), tcp.remotePort());
    }

    @Override
    public void shutdown(CallContext context, int how) throws ErrnoException {
        tcp.shutdown(how + 1);
    }

    @Override
    public long send(CallContext context, SocketMessage message) throws ErrnoException {
        try {
            return tcp.send(message.data, message.has(MSG_OOB), message.has(MSG_MORE));
        } catch (ErrnoException e) {
            if (e.errno == Errno.EPIPE) {
                throw brokenPipe(context, message);
            }
            throw e;
        }
    }

    @Override
    public long receive(CallContext context, SocketMessage message) throws ErrnoException {
        if (message.has(MSG_ERRQUEUE)) {
            throw Errno.EAGAIN.exception();
        }
        if (message.has(MSG_OOB)) {
            byte[] one = new byte[1];
            int n = tcp.receiveUrgent(one, message.has(MSG_PEEK));
            if (n > 0) {
                message.resultFlags |= MSG_OOB;
                if (message.data.remaining() == 0) {
                    message.resultFlags |= MSG_TRUNC;
                    return 0;
                }
                message.data.copyTo(one, 0, 1);
            }
            return n;
        }
        return tcp.receive(
                message.data,
                message.has(MSG_PEEK),
                message.has(MSG_TRUNC),
                message.transferred > 0 && !message.has(MSG_DONTWAIT));
    }

    @Override
    public @Nullable Errno takeError() {
        return tcp.takeError();
    }

    @Override
    public boolean isListening() {
        return tcp.isListening();
    }

    @Override
    protected boolean isBound() {
        return tcp.localPort() != 0;
    }

    @Override
    protected @Nullable IpAddress peerIp() {
        return tcp.state() == Inet.TCP_CLOSE || tcp.remotePort() == 0 ? null : tcp.remote();
    }

    // Options.

    @Override
    public void setOption(CallContext context, int level, int name, OptionValue value)
            throws ErrnoException {
        if (level == Inet.IPPROTO_TCP) {
            tcpOptions.set(name, value);
        } else {
            super.setOption(context, level, name, value);
        }
    }

    @Override
    public byte[] getOption(CallContext context, int level, int name, int capacity)
            throws ErrnoException {
        if (level == Inet.IPPROTO_TCP) {
            return tcpOptions.get(name);
        }
        if (level == dev.jvisor.platform.abi.Socket.SOL_SOCKET) {
            if (name == dev.jvisor.platform.abi.Socket.SO_SNDBUF) {
                return dev.jvisor.net.socket.SocketOptions.bytes(tcp.config.sendBufferBytes);
            }
            if (name == dev.jvisor.platform.abi.Socket.SO_RCVBUF) {
                return dev.jvisor.net.socket.SocketOptions.bytes(tcp.config.receiveBufferBytes);
            }
        }
        return super.getOption(context, level, name, capacity);
    }

    @Override
    protected void optionChanged(int name) {
        TcpConfig c = tcp.config;
        switch (name) {
            case dev.jvisor.platform.abi.Socket.SO_SNDBUF,
                    dev.jvisor.platform.abi.Socket.SO_SNDBUFFORCE -> {
                c.sendBufferBytes = options().sendBuffer();
                c.isSendBufferFixed = true;
            }
            case dev.jvisor.platform.abi.Socket.SO_RCVBUF,
                    dev.jvisor.platform.abi.Socket.SO_RCVBUFFORCE -> {
                c.receiveBufferBytes = options().receiveBuffer();
                c.isReceiveBufferFixed = true;
            }
            case dev.jvisor.platform.abi.Socket.SO_KEEPALIVE -> {
                c.keepsAlive = options().isOn(name);
                tcp.keepaliveChanged();
            }
            case dev.jvisor.platform.abi.Socket.SO_OOBINLINE ->
                c.isUrgentInline = options().isOn(name);
            case dev.jvisor.platform.abi.Socket.SO_REUSEADDR ->
                c.reusesAddress = options().isOn(name);
            case dev.jvisor.platform.abi.Socket.SO_REUSEPORT ->
                c.reusesPort = options().isOn(name);
            case dev.jvisor.platform.abi.Socket.SO_LINGER -> {
                c.lingers = options().isOn(name);
                c.lingerSeconds = options().lingerSeconds();
            }
            case dev.jvisor.platform.abi.Socket.SO_RCVLOWAT ->
                c.receiveLowWater = options().receiveLowWater();
            default -> {}
        }
    }

    @Override
    protected void ipOptionChanged() {
        TcpConfig c = tcp.config;
        boolean isV4 = tcp.local().isV4();
        c.ttl = ip().unicastTtl(isV4);
        c.trafficClass = ip().trafficClass(isV4);
        c.isV6Only = isV6Only();
        c.boundInterface = boundInterface();
    }

    @Override
    public long ioctl(CallContext context, int command, long argument) throws ErrnoException {
        switch (command) {
            case NetDevice.SIOCATMARK -> {
                context.memory().putInt(argument, tcp.isAtMark() ? 1 : 0);
                return 0;
            }
            case NetDevice.SIOCOUTQNSD -> {
                context.memory().putInt(argument, tcp.outgoingBytes(true));
                return 0;
            }
            default -> {
                return super.ioctl(context, command, argument);
            }
        }
    }

    @Override
    protected int readableBytes(CallContext context) throws ErrnoException {
        return tcp.readableBytes();
    }

    @Override
    protected int unsentBytes(CallContext context) throws ErrnoException {
        return tcp.outgoingBytes(false);
    }

    @Override
    protected void onRelease() {
        tcp.close();
    }

    @Override
    public String toString() {
        return Objects.toString(tcp);
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.unix;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.net.Network;
import dev.jvisor.net.inet.core.NetTimers;
import dev.jvisor.net.socket.SocketFamily;
import dev.jvisor.net.socket.SocketMessage;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;
import dev.jvisor.platform.abi.Socket;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;

/** A process without a kernel that uses UNIX sockets. */
final class Caller {

    /** Signals that were raised. */
    final List<Integer> signals = new ArrayList<>();

    Credentials credentials = Credentials.ROOT;
    final CallContext context;
    final UnixFamily family;

    Caller() {
        context = (CallContext) Proxy.newProxyInstance(
                Caller.class.getClassLoader(),
                new Class<?>[] {CallContext.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "credentials" -> credentials;
                    case "processId" -> 42;
                    case "realtimeNanos" -> 1L;
                    case "limit" -> 1024L;
                    case "raise" -> signals.add((Integer) arguments[0]) ? null : null;
                    default -> {
                        if (!method.isDefault()) {
                            throw new AssertionError(method.getName());
                        }
                        yield InvocationHandler.invokeDefault(proxy, method, arguments);
                    }
                });
        NetTimers none = (NetTimers) Proxy.newProxyInstance(
                Caller.class.getClassLoader(),
                new Class<?>[] {NetTimers.class},
                (proxy, method, arguments) -> {
                    throw new AssertionError(method.getName());
                });
        family = new UnixFamily(Network.newNamespace(none));
    }

    UnixSocket[] pair(int type) {
        try {
            SocketFamily.Pair pair = family.createPair(context, type, 0);
            return new UnixSocket[] {(UnixSocket) pair.first(), (UnixSocket) pair.second()};
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        }
    }

    UnixSocket socket(int type) {
        try {
            return family.create(context, type, 0);
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        }
    }

    /** Sends bytes; the negative error number if it fails. */
    long send(UnixSocket socket, byte[] data, int flags) {
        SocketMessage message = new SocketMessage(IovIter.of(data, 0, data.length), flags);
        return send(socket, message);
    }

    long send(UnixSocket socket, SocketMessage message) {
        message.noWait = true;
        try {
            if (message.control.length > 0) {
                socket.prepareSend(context, message);
            }
            return socket.send(context, message);
        } catch (ErrnoException e) {
            return -e.errno.number;
        } finally {
            message.release();
        }
    }

    /** Sends one byte with files. */
    long sendFiles(UnixSocket socket, FileDescription... files) {
        SocketMessage message = new SocketMessage(IovIter.of(new byte[1], 0, 1), 0);
        int length = SocketMessage.CMSG_HEADER_BYTES + 4 * files.length;
        message.control = new byte[length + 7 & ~7];
        SocketMessage.putHeader(message.control, 0, length, Socket.SOL_SOCKET, Socket.SCM_RIGHTS);
        for (int i = 0; i < files.length; i++) {
            LittleEndian.putInt(message.control, SocketMessage.CMSG_HEADER_BYTES + 4 * i, i);
        }
        message.sender = new SocketMessage.Sender() {
            @Override
            public FileDescription acquire(int descriptor) throws ErrnoException {
                files[descriptor].retain();
                return files[descriptor];
            }

            @Override
            public boolean hasProcess(int id) {
                return false;
            }
        };
        return send(socket, message);
    }

    /** Receives; null if it would block. */
    byte[] receive(UnixSocket socket, int length, int flags) {
        byte[] buffer = new byte[length];
        SocketMessage message = new SocketMessage(IovIter.of(buffer, 0, length), flags);
        message.noWait = true;
        try {
            int n = (int) socket.receive(context, message);
            return java.util.Arrays.copyOf(buffer, Math.min(n, length));
        } catch (ErrnoException e) {
            if (e.errno == Errno.EAGAIN) {
                return null;
            }
            throw new AssertionError(e);
        } finally {
            message.release();
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.unix;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.net.socket.NetNamespace;
import dev.jvisor.net.socket.Socket;
import dev.jvisor.net.socket.SocketFamily;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** AF_UNIX. */
public final class UnixFamily extends SocketFamily {

    public UnixFamily(NetNamespace net) {}

    @Override
    public Socket create(CallContext context, int type, int protocol) throws ErrnoException {
        throw Errno.EAFNOSUPPORT.exception();
    }
}

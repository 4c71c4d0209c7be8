// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.netlink;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.net.inet.core.InternetStack;
import dev.jvisor.net.socket.NetNamespace;
import dev.jvisor.net.socket.Socket;
import dev.jvisor.net.socket.SocketFamily;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

/** AF_NETLINK (Linux: {@code netlink_create}). */
public final class NetlinkFamily extends SocketFamily {

    public NetlinkFamily(NetNamespace net, InternetStack stack) {}

    @Override
    public Socket create(CallContext context, int type, int protocol) throws ErrnoException {
        throw Errno.EPROTONOSUPPORT.exception();
    }
}

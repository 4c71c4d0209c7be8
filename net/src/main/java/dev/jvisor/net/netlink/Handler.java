// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.netlink;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.platform.abi.ErrnoException;

import java.util.Iterator;

/** The kernel's end of a netlink protocol. */
interface Handler {

    /** What answers a request. */
    interface Answer {
        /** A message for the sender. */
        void reply(byte[] message);

        /** Messages for the sender that are made when it reads them; the end is added. */
        void dump(Iterator<byte[]> messages);
    }

    /** Acts on a request; what it throws is the error that the sender is told. */
    void handle(CallContext context, Request request, Answer answer) throws ErrnoException;
}

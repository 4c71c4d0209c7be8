// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.fs.p9.P9;
import dev.jvisor.fs.p9.P9Attributes;
import dev.jvisor.fs.p9.P9FormatException;
import dev.jvisor.fs.p9.P9Reader;
import dev.jvisor.fs.p9.P9Writer;
import dev.jvisor.fs.p9.RMessage;
import dev.jvisor.fs.p9.TMessage;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.host.HostFiles;

/**
 * The client's end of a session: requests, fid numbers, donated descriptors.
 *
 * <p>Its monitor is held by whoever uses it, over a whole sequence of requests if they belong
 * together: requests go one at a time. Everything in it is guarded by it.
 */
final class GoferConnection {

    /** Fid of the tree's root. */
    static final int ROOT_FID = 0;

    static final String[] NO_NAMES = {};

    private final Transport transport;
    private final Transport.Answer answer = new Transport.Answer();
    private final P9Writer writer = new P9Writer();
    private final P9Reader reader = new P9Reader();
    private int tag;
    private int messageSize = P9.MESSAGE_SIZE_MAX;
    private int donation = -1;

    private int[] freeFids = new int[16];
    private int freeFidCount;
    private int nextFid = ROOT_FID + 1;

    private long requestCount;

    /** Agrees on the version and binds the root fid. */
    GoferConnection(Transport transport) throws ErrnoException {
        this.transport = transport;
        synchronized (this) {
            TMessage hello = new TMessage.Version(P9.MESSAGE_SIZE_MAX, P9.VERSION);
            RMessage.Version v = (RMessage.Version) call(hello);
            if (!P9.VERSION.equals(v.version()) || v.messageSize() < P9.MESSAGE_SIZE_MIN) {
                throw Errno.EPROTONOSUPPORT.exception();
            }
            messageSize = Math.min(v.messageSize(), P9.MESSAGE_SIZE_MAX);
            call(new TMessage.Attach(ROOT_FID, P9.NOFID, "", "", -1));
        }
    }

    /**
     * Sends a request and returns the answer, which has the type that belongs to the request.
     *
     * @throws ErrnoException what the server answered; EIO for an answer that is none
     */
    RMessage call(TMessage request) throws ErrnoException {
        requestCount++;
        tag = tag + 1 & 0x7fff;
        request.encode(writer, tag);
        transport.exchange(writer.array(), writer.size(), answer);
        donation = answer.descriptor;
        answer.descriptor = -1;
        RMessage message;
        try {
            reader.reset(answer.data, 0, answer.length);
            int size = reader.i32();
            int type = reader.u8();
            if (size != answer.length || reader.u16() != tag) {
                throw new P9FormatException("answer to another request");
            }
            if (type != P9.RLERROR && type != request.type() + 1) {
                throw new P9FormatException("answer of another type");
            }
            message = RMessage.decode(type, reader);
        } catch (P9FormatException e) {
            dropDonation();
            throw Errno.EIO.exception();
        }
        if (message instanceof RMessage.Lerror error) {
            dropDonation();
            throw errno(error.number());
        }
        return message;
    }

    private static ErrnoException errno(int number) {
        boolean ordinary = number > 0 && number < Errno.ERESTARTSYS.number;
        if (ordinary) {
            try {
                return Errno.of(number).exception();
            } catch (IllegalArgumentException e) {
                return Errno.EIO.exception();
            }
        }
        return Errno.EIO.exception();
    }

    private void dropDonation() {
        HostFiles.close(donation);
        donation = -1;
    }

    /** Takes the descriptor that came with the last answer: EIO if there was none. */
    int takeDonation() throws ErrnoException {
        int fd = donation;
        donation = -1;
        if (fd < 0) {
            throw Errno.EIO.exception();
        }
        return fd;
    }

    /** Reserves a fid number. */
    int newFid() {
        return freeFidCount > 0 ? freeFids[--freeFidCount] : nextFid++;
    }

    /** Gives a number back that the server does not know (any more). */
    void freeFid(int fid) {
        if (freeFidCount == freeFids.length) {
            freeFids = java.util.Arrays.copyOf(freeFids, 2 * freeFidCount);
        }
        freeFids[freeFidCount++] = fid;
    }

    /** Lets the server forget a fid. */
    void clunk(int fid) throws ErrnoException {
        try {
            call(new TMessage.Clunk(fid));
        } finally {
            freeFid(fid);
        }
    }

    /** Clunks where an error could not be told to anyone. */
    void clunkQuietly(int fid) {
        try {
            clunk(fid);
        } catch (ErrnoException e) {
            // The server forgets the fid in any case.
        }
    }

    /** Attributes of a fid's file. */
    P9Attributes getattr(int fid) throws ErrnoException {
        return last(new TMessage.WalkGetattr(fid, P9.NOFID, 0, NO_NAMES), 1);
    }

    /** Attributes of a child; binds {@code newFid} (NOFID for none) as {@code flags} say. */
    P9Attributes walk(int fid, String name, int newFid, int flags) throws ErrnoException {
        return last(new TMessage.WalkGetattr(fid, newFid, flags, new String[] {name}), 1);
    }

    private P9Attributes last(TMessage.WalkGetattr request, int steps) throws ErrnoException {
        P9Attributes[] list = ((RMessage.WalkGetattr) call(request)).attributes();
        if (list.length != steps) {
            throw Errno.EIO.exception();
        }
        return list[steps - 1];
    }

    /** Largest data of a read or directory answer, bytes. */
    int payloadMax() {
        return messageSize - P9.HEADER_SIZE - 4;
    }

    /** Requests sent so far, for tests and figures. */
    synchronized long requestCount() {
        return requestCount;
    }

    synchronized void close() {
        transport.close();
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.net.socket;

import dev.jvisor.fs.cred.Namespace;
import dev.jvisor.fs.cred.UserNamespace;
import dev.jvisor.fs.kernfs.TextBuffer;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Sched;
import dev.jvisor.platform.abi.Socket;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A network of its own (Linux: {@code struct net}): address families with all they keep — names of
 * UNIX sockets, interfaces, ports, routes.
 *
 * <p>A family is made when its first socket is: what it needs beside (an IP stack) it finds or
 * makes in {@link #part}. Sockets hold their namespace; when the last of them and the last task is
 * gone, so is it.
 */
public final class NetNamespace extends Namespace {

    /** Kinds of things that the families of a namespace share, one of each. */
    public enum Part {
        /** Interfaces, routes and the IP protocols. */
        INTERNET
    }

    /** Makes families and parts; the composition of the network is its author's. */
    public interface Builder {
        /** A family, or null if there is no such one. */
        @Nullable
        SocketFamily family(NetNamespace net, int family);

        Object part(NetNamespace net, Part part);

        /** A fresh namespace, as clone(2) with CLONE_NEWNET makes it. */
        NetNamespace another(UserNamespace owner);
    }

    private final Builder builder;
    private final UserNamespace owner;
    private final AtomicReferenceArray<@Nullable SocketFamily> families =
            new AtomicReferenceArray<>(Socket.AF_MAX);
    private final @Nullable Object[] parts = new @Nullable Object[Part.values().length];

    /** Makes the first one. */
    public NetNamespace(Builder builder) {
        super(INITIAL_NET);
        this.builder = builder;
        this.owner = UserNamespace.INITIAL;
    }

    /** Makes another, as clone(2) with CLONE_NEWNET does. */
    public NetNamespace(Builder builder, UserNamespace owner) {
        this.builder = builder;
        this.owner = owner;
    }

    @Override
    public UserNamespace owner() {
        return owner;
    }

    @Override
    public String kind() {
        return "net";
    }

    @Override
    public int cloneFlag() {
        return Sched.CLONE_NEWNET;
    }

    /**
     * The family with a number.
     *
     * @throws ErrnoException EAFNOSUPPORT
     */
    public SocketFamily family(int number) throws ErrnoException {
        if (number < 0 || number >= Socket.AF_MAX) {
            throw Errno.EAFNOSUPPORT.exception();
        }
        SocketFamily found = families.get(number);
        if (found == null) {
            SocketFamily made = builder.family(this, number);
            if (made == null) {
                throw Errno.EAFNOSUPPORT.exception();
            }
            families.compareAndSet(number, null, made);
            found = families.get(number);
        }
        return java.util.Objects.requireNonNull(found);
    }

    /** A fresh namespace, as clone(2) with CLONE_NEWNET makes it. */
    public NetNamespace another(UserNamespace owner) {
        return builder.another(owner);
    }

    /** A part, made when first asked for. */
    public Object part(Part part) {
        synchronized (parts) {
            Object found = parts[part.ordinal()];
            if (found == null) {
                parts[part.ordinal()] = found = builder.part(this, part);
            }
            return found;
        }
    }

    /** A part if it was made already: a table in procfs need not make a stack. */
    public @Nullable Object partOrNull(Part part) {
        synchronized (parts) {
            return parts[part.ordinal()];
        }
    }

    /** A family if it was made already. */
    public @Nullable SocketFamily familyOrNull(int number) {
        return families.get(number);
    }

    /** Writes a table of {@code /proc/net}; false if no family in use has it. */
    public boolean writeTable(String name, TextBuffer out) {
        for (int i = 0; i < families.length(); i++) {
            SocketFamily family = families.get(i);
            if (family != null && family.writeTable(name, out)) {
                return true;
            }
        }
        return false;
    }

    /** ioctl(2) on interfaces (SIOCGIFCONF, …), which any socket serves (Linux: dev_ioctl). */
    public interface DeviceControl {
        /** ENOTTY for a command it does not know. */
        long ioctl(CallContext context, int command, long argument) throws ErrnoException;
    }

    /** Serves a command that a socket does not know itself. */
    public long ioctl(CallContext context, int command, long argument) throws ErrnoException {
        if (part(Part.INTERNET) instanceof DeviceControl devices) {
            return devices.ioctl(context, command, argument);
        }
        throw Errno.ENOTTY.exception();
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform;

import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.memory.MemoryFile;

/** A way to run guest code and to get control back when it traps. */
public interface Platform extends AutoCloseable {

    /** Returns the name that {@code --platform} takes. */
    String name();

    /** Returns the memory file whose pages {@link AddressSpace#map} can show to guests. */
    MemoryFile memory();

    /** Returns the lowest address a guest mapping may have, in bytes. */
    long minAddress();

    /** Returns the end (exclusive) of the addresses a guest may use, in bytes. */
    long maxAddress();

    /**
     * Returns how many CPUs guest code may run on. (A thread that owns a context may be tied to one
     * of them, so {@code Runtime.availableProcessors} is not the answer there.)
     */
    default int cpuCount() {
        return Runtime.getRuntime().availableProcessors();
    }

    /**
     * Creates the context of the first task, with an empty address space of its own.
     *
     * <p>The calling thread becomes the context's owner: every method of the context except
     * {@link GuestContext#interrupt} must be called from it.
     *
     * @throws ErrnoException EPERM if the host forbids the mechanism, EAGAIN or ENOMEM if it lacks
     *     processes or memory
     */
    GuestContext newContext() throws ErrnoException;

    /**
     * Says that a descriptor given to {@link AddressSpace#mapHostFile} is about to be closed, so
     * that its number may mean another file later. Mappings that are in effect stay.
     */
    default void forgetHostFile(int hostFd) {}

    /** Ends every host process of this platform. */
    @Override
    void close();
}

// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.testing;

import dev.jvisor.platform.AddressSpace;

/** Nothing is shown to anybody: scripted guests use the memory manager. */
final class NoAddressSpace implements AddressSpace {

    @Override
    public void map(long address, long length, long fileOffset, int protection) {}

    @Override
    public void mapHostFile(
            long address,
            long length,
            int hostFd,
            long fileOffset,
            int protection,
            boolean shared) {}

    @Override
    public void unmap(long address, long length) {}

    @Override
    public void protect(long address, long length, int protection) {}

    @Override
    public void commit() {}

    @Override
    public boolean hasPending() {
        return false;
    }
}

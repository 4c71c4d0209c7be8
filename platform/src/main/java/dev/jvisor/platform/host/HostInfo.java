// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.host;

import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * Facts about the host that reports print: kernel, C library, CPUs. Bound by jnr-ffi, because no
 * start of a sandbox asks for them.
 */
public final class HostInfo {

    private static final int UTSNAME_FIELD_SIZE = 65;
    private static final int UTSNAME_FIELDS_COUNT = 6;
    private static final int SC_NPROCESSORS_ONLN = 84;
    private static final int SC_PAGESIZE = 30;
    private static final int SC_PHYS_PAGES = 85;

    private HostInfo() {}

    /**
     * The C library functions used; jnr-ffi implements it. Public because jnr-ffi asks for that.
     */
    public interface LibC {
        int uname(Pointer buffer);

        long sysconf(int name);

        String gnu_get_libc_version();
    }

    private static final class Loaded {
        static final LibC LIBC = LibraryLoader.create(LibC.class).load("c");
    }

    /**
     * Returns a field of {@code struct utsname}: 0 system, 1 node, 2 release, 3 version, 4 machine.
     */
    private static String uname(int field) {
        Runtime runtime = Runtime.getRuntime(Loaded.LIBC);
        Pointer names = runtime.getMemoryManager()
                .allocateDirect(UTSNAME_FIELDS_COUNT * UTSNAME_FIELD_SIZE, true);
        if (Loaded.LIBC.uname(names) != 0) {
            return "unknown";
        }
        return names.getString((long) field * UTSNAME_FIELD_SIZE);
    }

    /** Returns the kernel's release, as {@code uname -r} prints it. */
    public static String kernelRelease() {
        return uname(2);
    }

    /** Returns the machine type, as {@code uname -m} prints it. */
    public static String machine() {
        return uname(4);
    }

    /** Returns the version of the C library. */
    public static String libcVersion() {
        return Loaded.LIBC.gnu_get_libc_version();
    }

    /** Returns the number of CPUs online. */
    public static int cpusOnline() {
        return (int) Loaded.LIBC.sysconf(SC_NPROCESSORS_ONLN);
    }

    /** Returns the page size, in bytes. */
    public static int pageSize() {
        return (int) Loaded.LIBC.sysconf(SC_PAGESIZE);
    }

    /** Returns the size of physical memory, in bytes. */
    public static long memoryBytes() {
        return Loaded.LIBC.sysconf(SC_PHYS_PAGES) * pageSize();
    }
}

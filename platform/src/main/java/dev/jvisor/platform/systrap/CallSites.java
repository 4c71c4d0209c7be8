// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform.systrap;

import dev.jvisor.platform.GuestText;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * The patched call sites of an address space.
 *
 * <p>Two forms are patched: {@code mov eax, imm32; syscall} (7 bytes) and {@code syscall; cmp rax,
 * imm32} (8 bytes), which is how libraries and Go call. What a guest can see of it is translated:
 * an instruction pointer that is in our code, or would be in the middle of patched bytes.
 *
 * <p>Changed by one thread at a time, which the address space sees to; read by any.
 */
final class CallSites {

    static final int MOV_LENGTH = 5;
    static final int SYSCALL_LENGTH = 2;
    static final int COMPARE_LENGTH = 6;
    private static final int PATCH_LENGTH = 7;

    /** What a site looks like to {@link #find}. */
    record Site(int index, long start, long back, int number) {

        /** Whether the number is loaded by a patched instruction. */
        boolean loadsNumber() {
            return number >= 0;
        }
    }

    /** Offset of the chunk in the site file; -1: none yet. */
    long chunk = -1;

    private volatile @Nullable GuestText text;
    private volatile Site[] sites = {};

    int count() {
        return sites.length;
    }

    /** Copies the sites of a forked process's parent. */
    void copyFrom(CallSites parent, long ownChunk) {
        chunk = ownChunk;
        sites = parent.sites;
    }

    /** Recognises a form; null if the site cannot be patched. */
    static @Nullable Site recognise(GuestText text, long back, int index, long called) {
        byte[] bytes = new byte[1 + PATCH_LENGTH + COMPARE_LENGTH];
        int at = 1 + PATCH_LENGTH; // of back
        int n = text.read(back - at, bytes, bytes.length);
        if (n < at || bytes[at - 2] != 0x0f || bytes[at - 1] != 0x05) {
            return null;
        }
        boolean prefixed = (bytes[0] & 0xf0) == 0x40; // a move to another register, perhaps
        if (bytes[1] == (byte) 0xb8 && !prefixed && intAt(bytes, 2) == called) {
            return new Site(index, back - PATCH_LENGTH, back, (int) called);
        }
        boolean compares = n == bytes.length && bytes[at] == 0x48 && bytes[at + 1] == 0x3d;
        return compares ? new Site(index, back - SYSCALL_LENGTH, back, -1) : null;
    }

    static byte[] comparison(GuestText text, long back) {
        byte[] bytes = new byte[COMPARE_LENGTH];
        text.read(back, bytes, bytes.length);
        return bytes;
    }

    /** The bytes that a site gets; the rest of a longer form is filled up. */
    static byte[] patch(Site site) {
        byte[] bytes =
                new byte[site.loadsNumber() ? PATCH_LENGTH : SYSCALL_LENGTH + COMPARE_LENGTH];
        Arrays.fill(bytes, (byte) 0x06); // undefined
        bytes[0] = (byte) 0xff;
        bytes[1] = 0x24;
        bytes[2] = 0x25;
        int address = (int) (SiteFile.TABLE + site.index * 8L);
        for (int i = 0; i < 4; i++) {
            bytes[3 + i] = (byte) (address >> 8 * i);
        }
        return bytes;
    }

    private static int intAt(byte[] bytes, int at) {
        return (bytes[at] & 0xff)
                | (bytes[at + 1] & 0xff) << 8
                | (bytes[at + 2] & 0xff) << 16
                | (bytes[at + 3] & 0xff) << 24;
    }

    void add(Site site, GuestText guestText) {
        text = guestText;
        Site[] more = Arrays.copyOf(sites, sites.length + 1);
        more[more.length - 1] = site;
        sites = more;
    }

    boolean has(long back) {
        for (Site site : sites) {
            if (site.back == back) {
                return true;
            }
        }
        return false;
    }

    /**
     * Finds the site that an address is of: its start, or where its call was (a form with a number)
     * or returns to (the other form). Null if the guest has put something else there.
     */
    @Nullable
    Site find(long address) {
        Site[] all = sites;
        for (Site site : all) {
            long last = site.loadsNumber() ? site.back - SYSCALL_LENGTH : site.back;
            if (address == site.start || address == last) {
                return isIntact(site) ? site : null;
            }
        }
        return null;
    }

    private boolean isIntact(Site site) {
        GuestText guestText = text;
        if (guestText == null) {
            return true; // a forked child that has not come by here: its text is its parent's
        }
        byte[] expected = patch(site);
        byte[] found = new byte[expected.length];
        return guestText.read(site.start, found, found.length) == found.length
                && Arrays.equals(expected, found);
    }

    /** Returns a site by its index, or null. */
    @Nullable
    Site at(long index) {
        Site[] all = sites;
        return index >= 0 && index < all.length ? all[(int) index] : null;
    }
}

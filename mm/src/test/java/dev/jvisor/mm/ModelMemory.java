// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import dev.jvisor.platform.abi.Mman;
import dev.jvisor.platform.abi.Signals;

import org.jspecify.annotations.Nullable;

/**
 * What the memory of a process should look like: an array of pages, each with one byte of contents.
 */
final class ModelMemory {

    /** Something that several mappings share: a byte for each page. */
    static final class Store {
        final int[] values;

        /** Pages before the end. */
        int size;

        Store(int size) {
            this.values = new int[size];
            this.size = size;
        }
    }

    private static final class Page {
        int protection;
        final boolean shared;
        final @Nullable Store store;
        final int index;

        /** The private value, or -1 if the page still shows its store. */
        int value;

        Page(int protection, boolean shared, @Nullable Store store, int index) {
            this.protection = protection;
            this.shared = shared;
            this.store = store;
            this.index = index;
            this.value = store == null ? 0 : -1;
        }

        Page copy() {
            Page copy = new Page(protection, shared, store, index);
            copy.value = value;
            return copy;
        }
    }

    private final @Nullable Page[] pages;

    ModelMemory(int count) {
        pages = new Page[count];
    }

    ModelMemory fork() {
        ModelMemory child = new ModelMemory(pages.length);
        for (int i = 0; i < pages.length; i++) {
            Page page = pages[i];
            child.pages[i] = page == null ? null : page.copy();
        }
        return child;
    }

    void map(
            int first,
            int count,
            int protection,
            boolean shared,
            @Nullable Store store,
            int index) {
        for (int i = 0; i < count; i++) {
            pages[first + i] = new Page(protection, shared, store, index + i);
        }
    }

    void unmap(int first, int count) {
        for (int i = 0; i < count; i++) {
            pages[first + i] = null;
        }
    }

    boolean isMapped(int page) {
        return pages[page] != null;
    }

    boolean isFree(int first, int count) {
        for (int i = 0; i < count; i++) {
            if (pages[first + i] != null) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether there was no hole; works up to the first. */
    boolean protect(int first, int count, int protection) {
        for (int i = 0; i < count; i++) {
            Page page = pages[first + i];
            if (page == null) {
                return false;
            }
            page.protection = protection;
        }
        return true;
    }

    /** MADV_DONTNEED. */
    boolean discard(int first, int count) {
        boolean whole = true;
        for (int i = 0; i < count; i++) {
            Page page = pages[first + i];
            if (page == null) {
                whole = false;
            } else if (!page.shared) {
                page.value = page.store == null ? 0 : -1;
            }
        }
        return whole;
    }

    /**
     * mremap to another place, keeping or growing; what is new continues the last page's mapping.
     */
    void move(int from, int oldCount, int to, int newCount) {
        Page[] moved = new Page[newCount];
        Page last = null;
        for (int i = 0; i < newCount; i++) {
            if (i < oldCount) {
                last = pages[from + i];
                moved[i] = last;
            } else if (last != null) {
                int step = i - oldCount + 1;
                moved[i] = new Page(last.protection, last.shared, last.store, last.index + step);
            }
        }
        unmap(from, oldCount);
        for (int i = 0; i < newCount; i++) {
            // Of a range that keeps its size only what is mapped replaces (since Linux 6.17).
            if (moved[i] != null || oldCount != newCount) {
                pages[to + i] = moved[i];
            }
        }
    }

    /** Returns the value or the negated signal. */
    int load(int index) {
        Page page = pages[index];
        if (page == null || page.protection == Mman.PROT_NONE) {
            return -Signals.SIGSEGV;
        }
        if (page.value >= 0) {
            return page.value;
        }
        Store store = page.store;
        if (store == null || page.index >= store.size) {
            return -Signals.SIGBUS;
        }
        return store.values[page.index];
    }

    /** Returns 0 or the negated signal. */
    int store(int index, int value) {
        Page page = pages[index];
        if (page == null || (page.protection & Mman.PROT_WRITE) == 0) {
            return -Signals.SIGSEGV;
        }
        if (page.value < 0) {
            Store store = page.store;
            if (store == null || page.index >= store.size) {
                return -Signals.SIGBUS;
            }
            if (page.shared) {
                store.values[page.index] = value;
                return 0;
            }
        }
        page.value = value;
        return 0;
    }

    /** Drops private copies of pages behind the end of a store (truncate). */
    void truncated(Store store) {
        for (Page page : pages) {
            if (page != null && page.store == store && page.index >= store.size) {
                page.value = -1;
            }
        }
    }
}

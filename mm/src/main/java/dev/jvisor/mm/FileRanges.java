// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.mm;

import java.util.ArrayList;

/** Parts of mapped objects, collected under the lock to be worked on without it. */
final class FileRanges {

    private record FileRange(Mappable file, long offset, long length) {}

    private final ArrayList<FileRange> ranges = new ArrayList<>(0);

    void add(Mappable file, long offset, long length) {
        ranges.add(new FileRange(file, offset, length));
    }

    int count() {
        return ranges.size();
    }

    Mappable file(int i) {
        return ranges.get(i).file;
    }

    long offset(int i) {
        return ranges.get(i).offset;
    }

    long length(int i) {
        return ranges.get(i).length;
    }
}

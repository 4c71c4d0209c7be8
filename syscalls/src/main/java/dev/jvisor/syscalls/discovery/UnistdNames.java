// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.discovery;

import dev.jvisor.kernel.dispatch.SyscallTable;
import dev.jvisor.platform.SentryBug;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * All system calls that Linux has on x86-64, served or not.
 *
 * <p>The numbers are those of {@code asm/unistd_64.h}, in a resource of lines {@code number name}.
 */
public final class UnistdNames {

    private static final String RESOURCE = "/dev/jvisor/syscalls/unistd_64.txt";

    private static final @Nullable String[] NAMES = read();

    private UnistdNames() {}

    /** Returns the name of a number, or null if Linux has no such call. */
    public static @Nullable String of(long number) {
        return number >= 0 && number < NAMES.length ? NAMES[(int) number] : null;
    }

    /** Returns the number of a name, or -1. */
    public static int number(String name) {
        for (int i = 0; i < NAMES.length; i++) {
            if (name.equals(NAMES[i])) {
                return i;
            }
        }
        return -1;
    }

    private static @Nullable String[] read() {
        @Nullable String[] names = new @Nullable String[SyscallTable.SIZE];
        try (InputStream in = UnistdNames.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new SentryBug("missing resource=" + RESOURCE);
            }
            String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            int at = 0;
            while (at < text.length()) {
                int blank = text.indexOf(' ', at);
                int end = text.indexOf('\n', blank);
                names[Integer.parseInt(text, at, blank, 10)] = text.substring(blank + 1, end);
                at = end + 1;
            }
        } catch (IOException e) {
            throw new SentryBug("resource=" + RESOURCE, e);
        }
        return names;
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.platform;

import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Tells the platforms of this process which host descriptors are about to be closed.
 *
 * <p>A platform keeps copies of descriptors that it has mapped once, found by their number. Without
 * the word, a number that the host gives out again would map the file that it meant before.
 */
public final class MappedHostFiles {

    private static final CopyOnWriteArrayList<Platform> PLATFORMS = new CopyOnWriteArrayList<>();

    private MappedHostFiles() {}

    /** A platform starts to map host files. */
    public static void add(Platform platform) {
        PLATFORMS.add(platform);
    }

    /** A platform is closed. */
    public static void remove(Platform platform) {
        PLATFORMS.remove(platform);
    }

    /** To be called before a descriptor that was given to a platform is closed. */
    public static void closing(int hostFd) {
        for (Platform platform : PLATFORMS) {
            platform.forgetHostFile(hostFd);
        }
    }
}

// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Arguments and environment as Linux has them: byte strings, kept in Strings with one char for each
 * byte (ISO-8859-1). What the JVM hands to {@code main} went through the locale's character set and
 * may have lost bytes.
 */
public final class ByteStrings {

    private ByteStrings() {}

    /** Returns the bytes of a String that Java holds as text. */
    public static String fromText(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    /** Returns a byte string's bytes. */
    public static byte[] bytes(String byteString) {
        return byteString.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** Returns all byte strings' bytes. */
    public static byte[][] bytes(List<String> byteStrings) {
        byte[][] all = new byte[byteStrings.size()][];
        for (int i = 0; i < all.length; i++) {
            all[i] = bytes(byteStrings.get(i));
        }
        return all;
    }

    /** Returns what {@code main} was called with, byte by byte. */
    static String[] arguments(String[] args) {
        boolean ascii = true;
        for (String arg : args) {
            for (int i = 0; i < arg.length(); i++) {
                ascii &= arg.charAt(i) < 0x80;
            }
        }
        if (ascii) {
            return args;
        }
        List<String> all = readList("/proc/self/cmdline");
        int first = all.size() - args.length;
        return first < 0 ? args : all.subList(first, all.size()).toArray(new String[0]);
    }

    /** Returns this process's environment, {@code NAME=VALUE} each. */
    public static List<String> environment() {
        return readList("/proc/self/environ");
    }

    private static List<String> readList(String file) {
        List<String> strings = new ArrayList<>();
        try (FileInputStream in = new FileInputStream(file)) {
            byte[] bytes = in.readAllBytes();
            int start = 0;
            for (int i = 0; i < bytes.length; i++) {
                if (bytes[i] == 0) {
                    strings.add(new String(bytes, start, i - start, StandardCharsets.ISO_8859_1));
                    start = i + 1;
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return strings;
    }
}

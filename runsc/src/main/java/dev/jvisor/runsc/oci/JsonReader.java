// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.oci;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

import dev.jvisor.runsc.ByteStrings;
import dev.jvisor.runsc.cli.RunscException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * A JSON object together with where it stands, so that a wrong type is reported by its path
 * ({@code process.user.uid}).
 */
final class JsonReader {

    private final JsonObject object;
    private final String path;

    JsonReader(JsonObject object, String path) {
        this.object = object;
        this.path = path;
    }

    private String at(String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private RunscException wrong(String name, String wanted) {
        return new RunscException(Bundle.CONFIG + ": " + at(name) + " must be " + wanted);
    }

    private @Nullable JsonElement get(String name) {
        JsonElement e = object.get(name);
        return e == null || e.isJsonNull() ? null : e;
    }

    boolean has(String name) {
        return get(name) != null;
    }

    @Nullable
    JsonReader object(String name) throws RunscException {
        JsonElement e = get(name);
        if (e == null) {
            return null;
        }
        if (!e.isJsonObject()) {
            throw wrong(name, "an object");
        }
        return new JsonReader(e.getAsJsonObject(), at(name));
    }

    @Nullable
    String string(String name) throws RunscException {
        JsonElement e = get(name);
        if (e == null) {
            return null;
        }
        if (!e.isJsonPrimitive() || !e.getAsJsonPrimitive().isString()) {
            throw wrong(name, "a string");
        }
        if (e.getAsString().indexOf('\0') >= 0) {
            throw wrong(name, "a string without NUL");
        }
        return e.getAsString();
    }

    String string(String name, String absent) throws RunscException {
        String value = string(name);
        return value == null ? absent : value;
    }

    boolean bool(String name) throws RunscException {
        JsonElement e = get(name);
        if (e == null) {
            return false;
        }
        if (!e.isJsonPrimitive() || !e.getAsJsonPrimitive().isBoolean()) {
            throw wrong(name, "true or false");
        }
        return e.getAsBoolean();
    }

    /** An unsigned number of up to 64 bits; {@code absent} if it is not there. */
    long number(String name, long absent) throws RunscException {
        JsonElement e = get(name);
        if (e == null) {
            return absent;
        }
        try {
            if (e.isJsonPrimitive() && e.getAsJsonPrimitive().isNumber()) {
                return Long.parseUnsignedLong(e.getAsString());
            }
        } catch (NumberFormatException notIntegral) {
            // reported below
        }
        throw wrong(name, "a number of at least 0");
    }

    /** An id of 32 bits. */
    int id(String name) throws RunscException {
        long value = number(name, 0);
        if (value < 0 || value > 0xffffffffL) {
            throw wrong(name, "a number below 4294967296");
        }
        return (int) value;
    }

    /** An array of strings, as byte strings. */
    List<String> strings(String name) throws RunscException {
        List<String> values = new ArrayList<>();
        for (JsonElement e : array(name)) {
            if (!e.isJsonPrimitive()
                    || !e.getAsJsonPrimitive().isString()
                    || e.getAsString().indexOf('\0') >= 0) {
                throw wrong(name, "an array of strings without NUL");
            }
            values.add(ByteStrings.fromText(e.getAsString()));
        }
        return values;
    }

    int[] ids(String name) throws RunscException {
        JsonArray array = array(name);
        int[] values = new int[array.size()];
        for (int i = 0; i < values.length; i++) {
            try {
                values[i] = Integer.parseUnsignedInt(array.get(i).getAsString());
            } catch (RuntimeException e) {
                throw wrong(name, "an array of ids");
            }
        }
        return values;
    }

    List<JsonReader> objects(String name) throws RunscException {
        List<JsonReader> values = new ArrayList<>();
        for (JsonElement e : array(name)) {
            if (!e.isJsonObject()) {
                throw wrong(name, "an array of objects");
            }
            values.add(new JsonReader(e.getAsJsonObject(), at(name) + "[" + values.size() + "]"));
        }
        return values;
    }

    private JsonArray array(String name) throws RunscException {
        JsonElement e = get(name);
        if (e == null) {
            return new JsonArray();
        }
        if (!e.isJsonArray()) {
            throw wrong(name, "an array");
        }
        return e.getAsJsonArray();
    }

    /** A failure of a value that has the right type. */
    RunscException invalid(String name, String why) {
        return new RunscException(Bundle.CONFIG + ": " + at(name) + ": " + why);
    }
}

package dev.infuser.tensor;

/** What the caller passed does not fit: an unknown feed, a wrong type or shape, a closed session. */
public final class InvalidInputException extends InfuserException {

    private static final long serialVersionUID = 1L;

    /** An error with all its fields; use "" for those that do not apply. */
    public InvalidInputException(String code, String node, String message, String detail, String hint) {
        super(code, node, message, detail, hint);
    }

    /** An error that a code and one line say whole. */
    public InvalidInputException(String code, String message) {
        this(code, "", message, "", "");
    }

    @Override
    public InvalidInputException at(String place) {
        return node().isEmpty() ? new InvalidInputException(code(), place, getMessage(), detail(), hint()) : this;
    }
}
